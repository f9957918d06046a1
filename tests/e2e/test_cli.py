"""The command line by its contract: data on stdout, notes on stderr, exit codes by who must act."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from surefoot.cli.main import run

SUREFOOT = Path(sys.executable).with_name("surefoot")


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A workspace with a hash encoder over one English and one Chinese page."""
    monkeypatch.setenv("SUREFOOT_HOME", str(tmp_path / "home"))
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "refunds.md").write_text(
        "# Refunds\n\nA refund is paid within seven days.\n", encoding="utf-8"
    )
    (docs / "退款.md").write_text("# 退款\n\n退款在七个工作日内支付。\n", encoding="utf-8")
    root = tmp_path / "work"
    assert run(["init", str(root), "--quiet"]) == 0
    file = root / "surefoot.toml"
    text = file.read_text(encoding="utf-8")
    text = text.replace("[corpus]", '[corpus]\nembed = { kind = "hash" }')
    text = text.replace('kind = "quote"', 'kind = "quote"\nrefuse = { threshold = 0.0 }')
    file.write_text(text, encoding="utf-8")
    monkeypatch.chdir(root)
    return root


def out(capsys, *arguments):
    code = run(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_main_job(work, capsys):
    code, said, _ = out(capsys, "add", "../docs")
    assert (code, said.split(";")[0]) == (0, "2 added")
    code, said, _ = out(capsys, "ask", "退款多久支付？")
    assert code == 0
    assert "退款在七个工作日内支付。 [1]" in said
    assert "[1] docs/退款.md" in said
    code, said, _ = out(capsys, "search", "refund", "--limit", "1")
    assert said.split("\t")[2] == "docs/refunds.md"
    code, said, _ = out(capsys, "status")
    assert said.startswith("2 documents: 2 ok")


def test_asking_a_folder_forgets_files_that_are_gone(work, capsys):
    docs = work.parent / "docs"
    searched = ["search", "refund 退款", "--docs", str(docs)]
    assert "refunds.md" in out(capsys, *searched)[1]
    (docs / "refunds.md").unlink()
    code, said, _ = out(capsys, *searched)
    assert code == 0
    assert "退款.md" in said
    assert "refunds.md" not in said


def test_json_is_one_document(work, capsys):
    out(capsys, "add", "../docs")
    for arguments in (
        ["ask", "How soon is a refund paid?"],
        ["search", "refund"],
        ["status"],
        ["sync"],
        ["sync", "--dry-run"],
        ["trace", "list"],
        ["config", "show"],
        ["schema"],
        ["models", "list"],
        ["parts", "list"],
        ["parts", "show", "search"],
        ["snapshot", "list"],
        ["repair", "--dry-run"],
        ["doctor"],
    ):
        code, said, _ = out(capsys, *arguments, "--json")
        json.loads(said)
        assert code == 0, arguments
    answer = json.loads(out(capsys, "ask", "How soon is a refund paid?", "--json")[1])
    assert answer["answer"]["citations"][0]["chunk"]["document_id"] == "docs/refunds.md"
    trace = json.loads(out(capsys, "trace", "show", answer["trace_id"], "--json")[1])
    assert trace[0]["attributes"]["input.value"] == "How soon is a refund paid?"


@pytest.mark.parametrize("question", ["How soon is a refund paid?", "多久能退款？"])
def test_explain_and_trace_show_ranks_and_drops(work, capsys, question):
    out(capsys, "add", "../docs")
    code, said, told = out(capsys, "search", question, "--explain", "--set", "stages.0.keep=1")
    assert code == 0
    assert "docs/" in said
    assert "stages.0 search" in told
    assert "bm25" in told
    asked = json.loads(out(capsys, "ask", question, "--json")[1])
    shown = out(capsys, "trace", "show", asked["trace_id"])[1]
    assert "stage search" in shown
    assert " 1." in shown


def test_parts_are_listed_with_a_line_each(capsys):
    code, said, _ = out(capsys, "parts", "list", "stage")
    assert code == 0
    rows = [line.split("\t") for line in said.splitlines()[1:]]
    assert {"search", "quote"} <= {row[1] for row in rows}
    assert all(len(row) == 4 and row[3] for row in rows)
    assert "keep" in out(capsys, "parts", "show", "search")[1]
    code, _, told = out(capsys, "parts", "list", "stages")
    assert code == 3
    assert "known: chunker" in told


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (["ask"], 2, "Missing argument"),
        (["ask", "x", "--filter", "{"], 2, "--filter: is not JSON"),
        (["ask", "x", "--set", "stages.0.keeep=1"], 2, "stages.0.keeep is not a setting"),
        (["ask", "x", "--set", "nonsense"], 2, "is not PATH=VALUE"),
        (["ask", "x", "--solution", "other"], 3, "there is no solution 'other'"),
        (["ask", "  "], 2, "the question is empty"),
        (["add", "../nowhere"], 3, "no such file or folder"),
        (["remove", "none.md"], 3, "there is no such document"),
        (["trace", "show", "ffff"], 3, "there is no such trace"),
        (["models", "fetch", "no-such-model"], 3, "there is no model 'no-such-model'"),
        (["snapshot", "restore", "a"], 2, "this needs a yes"),
        (["evaluate", "nowhere"], 3, "there is no eval set"),
    ],
)
def test_errors_say_what_where_and_the_remedy(work, capsys, arguments, code, said):
    got, printed, errors = out(capsys, *arguments)
    assert (got, printed) == (code, "")
    assert said in errors


def test_an_error_in_json_keeps_its_exit_code(work, capsys):
    code, said, _ = out(capsys, "remove", "none.md", "--json")
    error = json.loads(said)["error"]
    assert code == 3
    assert (error["code"], error["where"]) == ("missing", "none.md")
    assert error["docs"] == "docs/errors.md#missing"


def test_one_bad_file_is_told_and_the_rest_goes_on(work, capsys):
    (work.parent / "docs" / "broken.pdf").write_bytes(b"%PDF-1.7 nothing else")
    code, said, errors = out(capsys, "add", "../docs")
    assert code == 5
    assert said.startswith("2 added, 1 failed")
    assert "docs/broken.pdf" in errors
    code, said, _ = out(capsys, "status")
    assert "failed\tdocs/broken.pdf" in said
    assert out(capsys, "ask", "How soon is a refund paid?")[0] == 0


def test_no_workspace_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, _, errors = out(capsys, "ask", "x")
    assert code == 3
    assert "surefoot init" in errors


def test_rights_and_filters_from_the_command_line(work, capsys):
    file = work / "surefoot.toml"
    out(capsys, "add", "../docs")
    text = file.read_text(encoding="utf-8").replace(
        'kind = "folder", ', 'kind = "folder", users = ["ann"], '
    )
    file.write_text(text, encoding="utf-8")
    out(capsys, "sync")
    assert out(capsys, "search", "refund", "--as", "eve")[1] == ""
    assert "refunds.md" in out(capsys, "search", "refund", "--as", "ann")[1]
    only_zh = '{"type": "eq", "key": "language", "value": "zh"}'
    assert "refunds.md" not in out(capsys, "search", "refund 退款", "--filter", only_zh)[1]


def test_snapshots_bring_documents_back(work, capsys):
    out(capsys, "add", "../docs")
    assert out(capsys, "snapshot", "create", "full")[0] == 0
    assert out(capsys, "remove", "docs/退款.md")[0] == 0
    assert "1 documents" in out(capsys, "status")[1]
    assert out(capsys, "snapshot", "restore", "full", "--yes")[0] == 0
    assert "2 documents" in out(capsys, "status")[1]


def test_evaluation_prints_intervals(work, capsys):
    out(capsys, "add", "../docs")
    asked = (
        ("1", "How soon is a refund paid?", "seven days", "docs/refunds.md"),
        ("2", "退款多久支付？", "七个工作日", "docs/退款.md"),
    )
    cases = [
        {"id": name, "question": question, "answers": [answer], "gold": [{"doc": document}]}
        for name, question, answer, document in asked
    ]
    lines = "\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (work / "questions.jsonl").write_text(lines, encoding="utf-8")
    code, said, errors = out(capsys, "evaluate", "questions.jsonl")
    rows = {line.split("\t")[0]: line.split("\t") for line in said.splitlines()}
    assert code == 0
    assert rows["recall@5"][1:] == ["1.000", rows["recall@5"][2], "2"]
    assert rows["contains_gold"][1] == "1.000"
    assert "2 questions" in errors


def test_a_pipe_gets_plain_text(work, capsys):
    out(capsys, "add", "../docs")
    result = subprocess.run(
        [SUREFOOT, "ask", "退款多久支付？"],
        capture_output=True,
        env={**os.environ, "FORCE_COLOR": "", "NO_COLOR": "1"},
        check=True,
    )
    assert b"\x1b" not in result.stdout
    assert "退款在七个工作日内支付" in result.stdout.decode()


def test_version_and_help():
    for arguments, said in ((["--version"], "surefoot 0."), (["ask", "-h"], "--docs")):
        result = subprocess.run([SUREFOOT, *arguments], capture_output=True, text=True, check=True)
        assert said in result.stdout
