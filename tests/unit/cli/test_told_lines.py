"""Progress for programs."""

from __future__ import annotations

import json

import pytest

from surefoot.cli import told_lines
from surefoot.cli.render import progress, say
from surefoot.cli.tune_live import watching
from surefoot.tune.events import Event


@pytest.fixture
def wanted(monkeypatch):
    monkeypatch.setenv(told_lines.VARIABLE, "json")


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_nobody_asked_nothing_is_told(capsys):
    with progress("reading", quiet=True) as show:
        show(1, 2)
    say("a note", quiet=True)
    assert capsys.readouterr().err == ""


def test_a_program_is_told_beside_json_too(wanted, capsys):
    say("读\x1b[31m入", quiet=True)
    with progress("reading", quiet=True) as show:
        show(2, 2, "a.md")
    note, told = lines(capsys)
    assert note == {"note": "读入"}
    assert told["progress"] == {
        "title": "reading",
        "done": 2,
        "total": 2,
        "detail": "a.md",
        "seconds_left": None,
    }


def test_some_lines_a_second_and_the_last_with_the_time_left(capsys):
    now = [0.0]
    told = told_lines.ToldProgress("asking", lambda: now[0])
    for done in range(0, 101):
        told(done, 100)
        now[0] += 0.05
    found = [line["progress"] for line in lines(capsys)]
    assert 20 <= len(found) <= 30 and found[-1]["done"] == 100
    assert found[5]["seconds_left"] == pytest.approx((100 - found[5]["done"]) * 0.05, abs=0.2)


def test_a_training_tells_its_losses(wanted, capsys):
    with watching("house", quiet=True) as watch:
        watch(Event(message="读入"))
        watch(Event(step=1, steps=4, loss=2.5, seconds=3.0))
    note, told = lines(capsys)
    assert note == {"note": "读入"}
    assert told["progress"]["loss"] == 2.5 and told["progress"]["seconds_left"] == 9.0
