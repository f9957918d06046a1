"""`surefoot advise` in a workspace: what can be looked up is not asked, and what is said goes before it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from surefoot.cli.main import run
from surefoot.core.types import EvalCase
from surefoot.evaluate.evalsets import make_evalset, write_evalset
from surefoot.optimize.advise.interview import Answers
from surefoot.optimize.advise.seen import look
from surefoot.run.workspace import open_workspace
from surefoot.tune.rows import ChatRow, ChatTurn, TuningRows, write_rows

pytestmark = pytest.mark.slow

NOW = datetime(2026, 6, 30, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "docs").mkdir()
    for place, age in enumerate((1, 9, 20, 200)):
        file = tmp_path / "docs" / f"{place}.md"
        file.write_text(f"Harbour {place} was built in 19{place}0. 港口建成。", encoding="utf-8")
        moment = (NOW - timedelta(days=age)).timestamp()
        os.utime(file, (moment, moment))
    text = '[corpus]\nembed = { kind = "hash" }\n[[stages]]\nkind = "search"\n[[stages]]\nkind = "quote"\n'
    (tmp_path / "surefoot.toml").write_text(text, encoding="utf-8")
    (tmp_path / ".surefoot").mkdir()
    assert run(["add", str(tmp_path / "docs"), "-q", "-w", str(tmp_path), "--offline"]) == 0
    return tmp_path


def add_questions(folder, n):
    (folder / "evalsets").mkdir()
    made = [
        EvalCase(f"m{i}", f"Made {i}?", "en", answers=("a",), source="generated:x")
        for i in range(9)
    ]
    own = [EvalCase(f"q{i}", f"Which {i}?", "en", answers=("a",)) for i in range(n)]
    write_evalset(make_evalset("ours", [*made, *own]), folder / "evalsets" / "ours.jsonl")


def add_rows(folder, n):
    rows = [
        ChatRow(id=f"r{i}", prompt=(ChatTurn(role="user", content=f"{i}?"),), completion="a")
        for i in range(n)
    ]
    write_rows(TuningRows.of(rows), folder / "train.jsonl")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_workspace_answers_what_can_be_looked_up(folder, lang):
    add_questions(folder, 4)
    add_rows(folder, 12)
    with open_workspace(folder, settings={"offline": True}) as space:
        seen = look(space, NOW, lang)
    assert (seen.answers.knowledge, seen.answers.changes) == (True, "weekly")
    assert (seen.answers.labelled, seen.answers.hardware is not None) == (12, True)
    assert (seen.there.documents, seen.there.evalset, seen.there.rows) == (
        True,
        "ours",
        "train.jsonl",
    )
    assert "train.jsonl" in seen.said["labelled"]
    assert ("every week" if lang == "en" else "每周") in seen.said["changes"]
    answers, known = seen.beside(Answers(labelled=0, knowledge=False))
    assert (answers.labelled, answers.knowledge, answers.changes) == (0, False, "weekly")
    assert set(known.seen) == {"changes", "hardware", "model"}


def test_examples_are_answers_that_people_gave(folder):
    add_questions(folder, 4)
    with open_workspace(folder, settings={"offline": True}) as space:
        assert look(space, NOW).answers.labelled == 4


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_takes_flags_before_the_file_before_what_is_seen(folder, lang, capsys):
    file = folder / "answers.json"
    file.write_text(json.dumps({"labelled": 900, "behaviour": True, "traceable": "no"}))
    capsys.readouterr()
    asked = ["advise", "--answers", str(file), "--traceable", "yes", "--lang", lang, "--json"]
    assert run([*asked, "-w", str(folder)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["answers"]["traceable"] is True
    assert (told["answers"]["labelled"], told["answers"]["knowledge"]) == (900, True)
    assert (told["advice"]["path"], told["advice"]["lang"]) == ("both", lang)
    assert set(told["open"]) == {"hallucination", "budget", "latency", "privacy"}
    assert "labelled" not in told["advice"]["seen"]


def test_without_a_workspace_it_advises_all_the_same(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["advise", "--knowledge", "yes", "--no-input"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("# Our advice: Retrieval over your documents")
    assert told.err == "next: surefoot init\n"
    assert run(["advise", "--knowledge", "maybe", "--no-input"]) == 2
    assert "neither yes nor no" in capsys.readouterr().err
    assert run(["advise", "--compare", "last", "--no-input"]) != 0


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_terminal_is_asked_what_is_open(tmp_path, capsys, monkeypatch, lang):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    typed = iter(["yes", "often", "no", "", "2", "", "", "", "", "", "", ""])
    monkeypatch.setattr("typer.prompt", lambda *_, **__: next(typed))
    assert run(["advise", "--lang", lang, "--labelled", "5", "--hardware", "cpu"]) == 0
    told = capsys.readouterr()
    assert "1/8" in told.err
    assert "neither yes nor no" in told.err
    assert ("about once a year" if lang == "en" else "大约每年一次") in told.err
    assert ("Retrieval over" if lang == "en" else "检索增强") in told.out
