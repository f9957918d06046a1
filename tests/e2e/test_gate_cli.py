"""The gate on the command line: exit codes, a run of the ledger or a file as baseline."""

from __future__ import annotations

import json

import pytest

from surefoot.cli.main import run

PAGES = 24


@pytest.fixture
def work(tmp_path, monkeypatch, capsys):
    """A workspace of English and Chinese pages, a question on each, and a baseline in the ledger and in a file."""
    monkeypatch.setenv("SUREFOOT_HOME", str(tmp_path / "home"))
    root = tmp_path / "work"
    assert run(["init", str(root), "--quiet"]) == 0
    docs = root / "docs"
    docs.mkdir()
    lines = []
    for page in range(PAGES):
        word = f"item{page:02d}" if page % 2 else f"货物{page:02d}"
        text = (
            f"The price of {word} is {page + 3} euros."
            if page % 2
            else f"{word}的价格是{page + 3}欧元。"
        )
        (docs / f"{page}.md").write_text(f"# {word}\n\n{text}\n", encoding="utf-8")
        question = f"What is the price of {word}?" if page % 2 else f"{word}的价格是多少？"
        gold = [{"doc": f"docs/{page}.md"}]
        lines.append({"id": str(page), "question": question, "gold": gold})
    file = root / "surefoot.toml"
    text = file.read_text(encoding="utf-8").replace(
        "[corpus]", '[corpus]\nembed = { kind = "hash" }'
    )
    file.write_text(text, encoding="utf-8")
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (root / "questions.jsonl").write_text(text, encoding="utf-8")
    monkeypatch.chdir(root)
    assert run(["add", "docs", "--quiet"]) == 0
    capsys.readouterr()
    assert run(["evaluate", "questions.jsonl", "--json"]) == 0
    (root / "baseline.json").write_text(capsys.readouterr().out, encoding="utf-8")
    return root


def asked(capsys, *arguments):
    capsys.readouterr()
    code = run(["gate", "questions.jsonl", "--metric", "ndcg@10", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_same_solution_is_not_worse_than_itself(work, capsys):
    code, said, _ = asked(capsys, "--baseline", "last", "--margin", "0.2")
    assert (code, said[:7]) == (0, "passed:")
    code, said, _ = asked(capsys, "--baseline", "baseline.json", "--json")
    found = json.loads(said)
    assert code == 0
    assert found["difference"]["value"] == 0.0
    assert found["outcome"] == "cannot tell" and found["needed"] > 0


def test_strict_stops_where_it_cannot_tell(work, capsys):
    code, said, errors = asked(capsys, "--baseline", "baseline.json", "--strict")
    assert code == 4
    assert "cannot tell" in said and "more questions" in said
    assert "too few questions" in errors


def test_a_worse_solution_leaves_with_4_and_names_what_was_lost(work, capsys):
    for page in range(0, PAGES, 2):
        (work / "docs" / f"{page}.md").unlink()
    assert run(["sync", "--quiet", "--yes"]) == 0
    code, said, errors = asked(capsys, "--baseline", "baseline.json")
    assert (code, said[:6]) == (4, "worse:")
    assert "lost: 0, 2, 4" in errors


def test_a_run_that_is_not_there(work, capsys):
    code, _, errors = asked(capsys, "--baseline", "nothing")
    assert code == 3
    assert "nothing" in errors
