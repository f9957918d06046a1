"""What was measured is kept, listed, shown and compared from the command line."""

from __future__ import annotations

import json

import pytest

from surefoot.cli.main import run

CASES = (
    ("1", "How soon is a refund paid?", "seven days", "docs/refunds.md"),
    ("2", "退款多久支付？", "七个工作日", "docs/退款.md"),
)


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A workspace with a hash encoder over one English and one Chinese page, and a question on each."""
    monkeypatch.setenv("SUREFOOT_HOME", str(tmp_path / "home"))
    root = tmp_path / "work"
    assert run(["init", str(root), "--quiet"]) == 0
    docs = root / "docs"
    docs.mkdir()
    (docs / "refunds.md").write_text(
        "# Refunds\n\nA refund is paid within seven days.\n", encoding="utf-8"
    )
    (docs / "退款.md").write_text("# 退款\n\n退款在七个工作日内支付。\n", encoding="utf-8")
    file = root / "surefoot.toml"
    text = file.read_text(encoding="utf-8")
    text = text.replace("[corpus]", '[corpus]\nembed = { kind = "hash" }')
    file.write_text(
        text.replace('kind = "quote"', 'kind = "quote"\nrefuse = { threshold = 0.0 }'),
        encoding="utf-8",
    )
    lines = [
        {"id": name, "question": question, "answers": [answer], "gold": [{"doc": document}]}
        for name, question, answer, document in CASES
    ]
    (root / "questions.jsonl").write_text(
        "\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8"
    )
    monkeypatch.chdir(root)
    assert run(["add", "docs", "--quiet"]) == 0
    return root


def out(capsys, *arguments):
    capsys.readouterr()
    code = run(list(arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


def evaluated(capsys, *arguments):
    code, said, errors = out(capsys, "evaluate", "questions.jsonl", "--json", *arguments)
    assert code == 0, errors
    return json.loads(said)


def test_a_run_is_kept_with_the_command_that_repeats_it(work, capsys):
    first = evaluated(capsys, "--seed", "3", "--set", "stages.0.keyword=5")
    code, said, _ = out(capsys, "runs", "show", first["run"][:5], "--json")
    kept = json.loads(said)
    assert code == 0
    assert kept["details"]["command"] == (
        "surefoot evaluate questions.jsonl --seed 3 --set stages.0.keyword=5"
    )
    assert kept["details"]["settings"]["stages"][0]["keyword"] == 5
    assert kept["details"]["versions"]["surefoot"]
    assert kept["details"]["gold"] == {"1": ["docs/refunds.md"], "2": ["docs/退款.md"]}
    assert [row["id"] for row in kept["rows"]] == ["1", "2"]
    _, said, _ = out(capsys, "runs", "show", "last")
    assert "recall@5\t1.000" in said
    assert "again: surefoot evaluate questions.jsonl --seed 3" in said


def test_runs_are_listed_and_compared(work, capsys):
    base = evaluated(capsys)["run"]
    other = evaluated(capsys, "--set", "stages.0.vector=0")["run"]
    _, said, _ = out(capsys, "runs", "list")
    assert [line.split("\t")[0] for line in said.splitlines()] == ["run", other, base]
    code, said, _ = out(capsys, "runs", "compare", base, other)
    assert code == 0
    lines = {line.split("\t")[0]: line.split("\t") for line in said.splitlines()}
    assert lines["recall@5"][1:4] == ["1", "1", "+0"]
    assert lines["recall@5"][-1] == "not proven"
    _, said, _ = out(capsys, "runs", "compare", base, base, "--json")
    assert "both ran the same solution" in json.loads(said)["notes"]


def test_nothing_is_kept_where_that_is_asked(work, capsys):
    assert evaluated(capsys, "--no-record")["run"] == ""
    _, said, _ = out(capsys, "runs", "list", "--json")
    assert json.loads(said) == []


def test_a_run_that_is_not_there_is_told(work, capsys):
    code, _, errors = out(capsys, "runs", "show", "abc")
    assert (code, "surefoot runs list" in errors) == (3, True)
