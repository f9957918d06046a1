"""Trained encoders and rerankers are put to use: over the index as it is, beside it, or behind the search."""

import json

import numpy as np
import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.core.errors import ConfigError, MissingError
from surefoot.models.tensors import save_tensors
from surefoot.optimize.encoders import adopt
from surefoot.testing.tiny_bert import CONFIG, HIDDEN, make_tiny_bert
from surefoot.tune.artefact import Trained, write_card

HEAD = (("bert.pooler.dense", HIDDEN, HIDDEN), ("classifier", 1, HIDDEN))
QUESTIONS = ["reset password", "如何重置密码"]


@pytest.fixture
def space(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "en.md").write_text("# Help\n\nreset the password here\n")
    (docs / "zh.md").write_text("# 帮助\n\n请重置密码\n", encoding="utf-8")
    make_pooled(tmp_path / "base")
    root = tmp_path / "work"
    root.mkdir()
    embed = f'embed = {{ model = "{tmp_path / "base"}" }}'
    (root / "surefoot.toml").write_text(
        f'# ours\n[corpus]\n{embed}\nsources = [{{ kind = "folder", path = "{docs}" }}]\n\n'
        '[[stages]]\nkind = "search"\n\n[[stages]]\nkind = "quote"\n'
    )
    with surefoot.open(root, settings={"models": str(tmp_path / "cache")}) as opened:
        opened.sync()
        yield opened


def make_pooled(folder, prefix="", head=()):
    tensors = make_tiny_bert(folder, "bert", prefix, head)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode": "mean"}')
    return tensors


def trained(space, kind, **more):
    """A trained model as a job leaves it: the base with one layer turned round."""
    place = space.root / ".surefoot" / "adapters" / "mine"
    head = HEAD if kind == "reranker" else ()
    tensors = make_pooled(place / "weights", "bert." if head else "", head)
    if head:
        said = CONFIG | {"model_type": "bert", "num_labels": 1}
        (place / "weights" / "config.json").write_text(json.dumps(said))
    else:
        name = "embeddings.LayerNorm.weight"
        changed = {**tensors, name: -tensors[name]}
        save_tensors(changed, place / "weights" / "model.safetensors")
    base = space.resources.corpus.embed.model
    told = {"name": "mine", "kind": kind, "method": kind, "base": base, "base_digest": "d"}
    return write_card(place, Trained(**{**told, **more}))


def vector(space, text):
    return space.resources.encoder().embed_queries([text])[0]


def test_one_that_reads_questions_serves_over_the_index_as_it_is(space):
    trained(space, "encoder", settings={"side": "query"})
    before, recipe = vector(space, QUESTIONS[0]), space.resources.recipe
    digest = space.resources.digest
    found = adopt(space, "mine")
    assert found.report is None
    assert found.written == {"corpus.embed.query_model": ".surefoot/adapters/mine/weights"}
    assert space.resources.recipe == recipe
    assert space.resources.digest != digest
    assert not np.allclose(vector(space, QUESTIONS[0]), before, atol=1e-3)
    assert "# ours" in space.solution_file.read_text()
    for question in QUESTIONS:
        assert space.search(question)


def test_one_that_reads_passages_too_has_its_index_built_beside_and_switched(space):
    trained(space, "encoder", settings={"side": "both"})
    recipe = space.resources.recipe
    found = adopt(space, "mine")
    assert found.report is not None
    assert found.report.added == 2
    assert space.resources.recipe != recipe
    assert space.resources.index().tables.live() == space.resources.recipe
    assert space.serving.note == ""
    for question in QUESTIONS:
        assert {hit.chunk.document_id for hit in space.search(question)}


def test_a_reranker_becomes_the_stage_behind_the_search(space):
    trained(space, "reranker")
    found = adopt(space, "mine")
    assert [stage.kind for stage in space.solution.stages] == ["search", "rerank", "quote"]
    assert list(found.written) == ["stages.1.by"]
    for question in QUESTIONS:
        assert space.search(question)[0].by == "rerank"
    adopt(space, "mine")
    assert [stage.kind for stage in space.solution.stages] == ["search", "rerank", "quote"]


def test_weights_for_another_index_and_chat_models_are_refused(space):
    trained(space, "encoder", settings={"side": "query"}, base="other")
    with pytest.raises(ConfigError, match="index of other"):
        adopt(space, "mine")
    trained_as(space, "adapter")
    with pytest.raises(ConfigError, match="adapter"):
        adopt(space, "mine")
    with pytest.raises(MissingError, match="yours"):
        adopt(space, "yours")


def trained_as(space, kind):
    place = space.root / ".surefoot" / "adapters" / "mine"
    write_card(place, Trained(name="mine", kind=kind, method="lora", base="b", base_digest="d"))


def test_the_command_says_what_it_wrote(space, capsys, monkeypatch):
    trained(space, "encoder", settings={"side": "query"})
    monkeypatch.setenv("SUREFOOT_MODELS", str(space.settings.settings.models))
    space.close()
    assert run(["tune", "adopt", "mine", "-w", str(space.root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "written": {"corpus.embed.query_model": ".surefoot/adapters/mine/weights"},
        "index": False,
    }
