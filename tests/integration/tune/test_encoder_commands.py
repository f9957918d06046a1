"""`surefoot tune embedder` and `reranker`: a job, a verdict from the dev rows, and use where it is proven."""

import json
import random

import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.testing.tiny_bert import make_tiny_bert
from surefoot.tune.rows import PairRow, TuningRows, write_rows

pytestmark = [pytest.mark.tune, pytest.mark.slow]

LETTERS = "abcdefghijklmnopqrstuvwxyz密码重置请"
BRISK = ["--epochs", "1", "--batch", "8", "--set", "max_tokens=24", "--set", "precision=fp32"]


@pytest.fixture
def work(tmp_path, monkeypatch):
    pytest.importorskip("torch", reason="torch is not installed (surefoot[tune])")
    make_tiny_bert(tmp_path / "base")
    pooling = tmp_path / "base" / "1_Pooling"
    pooling.mkdir()
    (pooling / "config.json").write_text('{"pooling_mode": "mean"}')
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "zh.md").write_text("请重置密码\n", encoding="utf-8")
    root = tmp_path / "work"
    root.mkdir()
    (root / "surefoot.toml").write_text(
        f'[corpus]\nembed = {{ model = "{tmp_path / "base"}" }}\n'
        f'sources = [{{ kind = "folder", path = "{tmp_path / "docs"}" }}]\n\n'
        '[[stages]]\nkind = "search"\n'
    )
    monkeypatch.setenv("SUREFOOT_MODELS", str(tmp_path / "cache"))
    with surefoot.open(root) as space:
        space.sync()
    return root


@pytest.fixture
def rows(tmp_path):
    draw = random.Random(2)

    def words():
        return " ".join(draw.choice(LETTERS) for _ in range(4))

    made = [
        PairRow(id=str(i), query=text[::-1], positive=text, negatives=(words(), words()))
        for i, text in enumerate(words() for _ in range(40))
    ]
    write_rows(TuningRows.of(made), tmp_path / "pairs.jsonl")
    return tmp_path / "pairs.jsonl"


def said(capsys):
    return json.loads(capsys.readouterr().out)


def test_an_encoder_that_is_not_proven_better_is_not_put_to_use(work, rows, capsys):
    before = (work / "surefoot.toml").read_text()
    command = ["tune", "embedder", "--rows", str(rows), "--name", "mine", "--dev", "0.3"]
    assert run([*command, *BRISK, "--apply", "-w", str(work), "--json"]) == 0
    found = said(capsys)
    assert found["verdicts"]["dev"]["kind"] in ("not proven", "worse", "equivalent", "better")
    assert found["advised"] is (found["verdicts"]["dev"]["kind"] == "better")
    changed = (work / "surefoot.toml").read_text() != before
    assert changed is found["advised"] is bool(found["written"])
    assert found["measured"]["serving_cosine"] > 1 - 1e-3
    assert run([*command, *BRISK, "-w", str(work)]) == 0
    printed = capsys.readouterr().out
    assert "dev: " in printed
    assert ("not advised" in printed) is not found["advised"]


def test_a_reranker_is_trained_and_adopted(work, rows, capsys):
    command = ["tune", "reranker", "--rows", str(rows), "--name", "judge", *BRISK]
    assert run([*command, "-w", str(work), "--json"]) == 0
    assert said(capsys)["measured"]["serving_gap"] < 1e-3
    assert run(["tune", "adopt", "judge", "-w", str(work)]) == 0
    with surefoot.open(work) as space:
        assert [stage.kind for stage in space.solution.stages] == ["search", "rerank"]
        assert space.search("重置密码")[0].by == "rerank"
