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
    assert "encoder tokens" in said
    assert "peak memory" in said
    assert "of processor time to build" in said


def test_runs_are_listed_and_compared(work, capsys):
    base = evaluated(capsys)["run"]
    other = evaluated(capsys, "--set", "stages.0.vector=0")["run"]
    _, said, _ = out(capsys, "runs", "list")
    assert [line.split("\t")[0] for line in said.splitlines()] == ["run", other, base]
    code, said, _ = out(capsys, "runs", "compare", base, other)
    assert code == 0
    lines = {line.split("\t")[0]: line.split("\t") for line in said.splitlines()}
    assert lines["recall@5"][1:4] == ["1", "1", "+0"]
    assert lines["recall@5"][-1] == "not proven (too few questions)"
    _, said, _ = out(capsys, "runs", "compare", base, base, "--json")
    assert "both ran the same solution" in json.loads(said)["notes"]


def test_nothing_is_kept_where_that_is_asked(work, capsys):
    assert evaluated(capsys, "--no-record")["run"] == ""
    _, said, _ = out(capsys, "runs", "list", "--json")
    assert json.loads(said) == []


def test_a_run_that_is_not_there_is_told(work, capsys):
    code, _, errors = out(capsys, "runs", "show", "abc")
    assert (code, "surefoot runs list" in errors) == (3, True)


def test_a_forecast_asks_a_few_and_keeps_nothing(work, capsys):
    code, said, _ = out(capsys, "evaluate", "questions.jsonl", "--forecast")
    assert (code, said.startswith("2 questions will take about")) == (0, True)
    _, said, _ = out(capsys, "evaluate", "questions.jsonl", "--forecast", "--json")
    assert json.loads(said)["forecast"]["questions"] == 2
    _, said, _ = out(capsys, "runs", "list", "--json")
    assert json.loads(said) == []


def test_a_budget_is_kept_and_the_run_goes_on_from_there(work, capsys):
    code, _, errors = out(capsys, "evaluate", "questions.jsonl", "--budget", "0.000001s")
    assert code == 5
    assert "stopped: the budget of" in errors
    code, _, errors = out(capsys, "evaluate", "questions.jsonl", "--budget", "soon")
    assert (code, "such as 15m" in errors) == (2, True)
    found = evaluated(capsys, "--continue", "last")
    assert found["n"] == 2


def test_changed_documents_make_runs_stale_and_are_asked_again(work, capsys):
    base = evaluated(capsys)["run"]
    (work / "docs" / "退款.md").write_text("# 退款\n\n退款在九个工作日内支付。\n", encoding="utf-8")
    _, _, errors = out(capsys, "sync")
    note = f"note: run {base} (default on questions) is stale: 2 of 2 questions touched"
    assert f"{note}: surefoot evaluate questions.jsonl --continue {base}" in errors
    _, said, _ = out(capsys, "runs", "list")
    assert "stale: 2 of 2 questions touched" in said
    _, said, _ = out(capsys, "doctor")
    assert "is stale" in said
    again = evaluated(capsys, "--continue", base)
    assert again["rows"][1]["metrics"]["contains_gold"] == 0.0
    _, said, _ = out(capsys, "runs", "list")
    assert [line.split("\t")[-1] for line in said.splitlines()[1:]] == [
        "",
        "stale: 2 of 2 questions touched",
    ]
