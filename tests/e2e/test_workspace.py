"""A workspace from Python, with real tables, real child processes and a hash encoder."""

from __future__ import annotations

import tomllib

import pytest

import surefoot
from surefoot.core.errors import ConfigError, MissingError
from surefoot.core.types import Asker

EN = "# Refunds\n\nA refund is paid within seven days. Ask the service desk for form B2.\n"
ZH = "# 退款\n\n退款在七个工作日内支付。请向服务台索取乙二号表格。\n"


@pytest.fixture
def docs(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "refunds.md").write_text(EN, encoding="utf-8")
    (folder / "退款.md").write_text(ZH, encoding="utf-8")
    return folder


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "work"
    with surefoot.open(root):
        pass
    file = root / "surefoot.toml"
    text = file.read_text(encoding="utf-8")
    text = text.replace("[corpus]", '[corpus]\nembed = { kind = "hash" }')
    # The refusal that comes along is calibrated for the default encoder.
    text = text.replace('kind = "quote"', 'kind = "quote"\nrefuse = { threshold = 0.0 }')
    file.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    "question, document, quoted",
    [
        ("How soon is a refund paid?", "docs/refunds.md", "within seven days"),
        ("退款多久支付？", "docs/退款.md", "七个工作日"),
    ],
)
def test_a_question_is_answered_with_an_exact_citation(root, docs, question, document, quoted):
    with surefoot.open(root) as space:
        assert space.add(docs).added == 2
        answer = space.ask(question)
        texts = {d.id: d.text for d in space.documents()}
    citation = answer.citations[0]
    assert not answer.refused
    assert citation.chunk.document_id == document
    assert any(quoted in c.quote for c in answer.citations)
    for c in answer.citations:
        assert texts[c.chunk.document_id][c.source_start : c.source_end] == c.quote
    assert "[1]" in str(answer)


def test_a_source_is_written_once_and_kept_in_step(root, docs):
    with surefoot.open(root) as space:
        space.add(docs)
        assert space.add(docs).unchanged == 2
    solution = tomllib.loads((root / "surefoot.toml").read_text(encoding="utf-8"))
    assert len(solution["corpus"]["sources"]) == 1
    (docs / "refunds.md").write_text(EN.replace("seven", "nine"), encoding="utf-8")
    (docs / "退款.md").unlink()
    with surefoot.open(root) as space:
        plan = space.plan()
        assert (plan.changed, plan.removed) == (("docs/refunds.md",), ("docs/退款.md",))
        report = space.sync()
        assert (report.changed, report.removed) == (1, 1)
        assert [hit.chunk.document_id for hit in space.search("退款")] != ["docs/退款.md"]
        assert "nine days" in space.ask("How soon is a refund paid?").text


def test_two_folders_of_one_name_do_not_collide(root, docs, tmp_path):
    other = tmp_path / "other" / "docs"
    other.mkdir(parents=True)
    (other / "refunds.md").write_text("# Other refunds\n\nPaid in nine weeks.\n", encoding="utf-8")
    with surefoot.open(root) as space:
        assert space.add(docs, other).added == 3
        assert [d.id for d in space.documents()] == [
            "docs-2/refunds.md",
            "docs/refunds.md",
            "docs/退款.md",
        ]
        assert space.sync().unchanged == 3


def test_another_chunker_is_built_beside_the_index_that_answers(root, docs):
    with surefoot.open(root) as space:
        space.add(docs)
        former = space.resources.recipe
    file = root / "surefoot.toml"
    text = file.read_text(encoding="utf-8")
    changed = text.replace("[corpus]", '[corpus]\nchunk = { kind = "structure", max_tokens = 40 }')
    file.write_text(changed, encoding="utf-8")
    with surefoot.open(root) as space:
        asked = space.run(space.query("How soon is a refund paid?"))
        assert asked.turn.hits
        assert "former one answers" in asked.turn.notes[0].message
        assert space.resources.recipe == former
        space.sync()
        assert space.resources.recipe != former
        asked = space.run(space.query("How soon is a refund paid?"))
        assert asked.turn.hits
        assert not [note for note in asked.turn.notes if note.stage == "index"]


def test_a_named_solution_answers_from_its_own_index_beside_the_live_one(root, docs):
    with surefoot.open(root) as space:
        space.add(docs)
        live = space.resources.recipe
    text = (root / "surefoot.toml").read_text(encoding="utf-8")
    (root / "solutions").mkdir()
    small = text.replace("[corpus]", '[corpus]\nchunk = { kind = "structure", max_tokens = 40 }')
    (root / "solutions" / "small.toml").write_text(small, encoding="utf-8")
    with surefoot.open(root, solution="small") as space:
        space.sync()
        own = space.resources.recipe
        assert own != live
        assert space.run(space.query("How soon is a refund paid?")).turn.notes == ()
    with surefoot.open(root) as space:
        assert space.resources.recipe == live
        assert len(space.search("refund 退款")) == 2


def test_rights_hold_for_search_and_documents(root, docs):
    file = root / "surefoot.toml"
    with surefoot.open(root) as space:
        space.add(docs)
    text = file.read_text(encoding="utf-8").replace(
        'kind = "folder", ', 'kind = "folder", groups = ["hr"], '
    )
    file.write_text(text, encoding="utf-8")
    with surefoot.open(root) as space:
        assert space.sync().changed == 2
        stranger, member = Asker("eve", (), False), Asker("li", ("hr",), False)
        assert space.search("refund 退款", asker=stranger) == []
        assert list(space.documents(asker=stranger)) == []
        assert len(space.search("refund 退款", asker=member)) == 2
        assert space.ask("How soon is a refund paid?", asker=stranger).citations == ()


def test_every_answer_leaves_a_trace(root, docs):
    with surefoot.open(root) as space:
        space.add(docs)
        asked = space.run(space.query("退款多久支付？"))
        spans = space.ledger.trace(asked.trace_id)
    assert [span.name for span in spans] == ["ask", "stage search", "stage quote"]
    assert spans[0].attributes["surefoot.solution_digest"]


def test_what_is_not_there_is_told(root, tmp_path):
    with surefoot.open(root) as space:
        with pytest.raises(MissingError, match="no such file or folder"):
            space.add(tmp_path / "nowhere")
        assert space.ask("Anything?").refused
        with pytest.raises(ConfigError, match="did you mean"):
            surefoot.open(root, overrides={"stages.0.kind": "serch"}).ask("x")
    with pytest.raises(MissingError, match="there is no solution 'other'"):
        surefoot.open(root, solution="other")


def test_a_solution_without_a_corpus_cannot_sync(root):
    (root / "solutions").mkdir()
    (root / "solutions" / "bare.toml").write_text('[[stages]]\nkind = "answer"\n', encoding="utf-8")
    with (
        surefoot.open(root, solution="bare") as space,
        pytest.raises(ConfigError, match="no \\[corpus\\]"),
    ):
        space.sync()
