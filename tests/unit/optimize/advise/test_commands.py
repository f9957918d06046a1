"""What is advised can be typed: every command of every advice is one of surefoot's, with options that it has."""

from __future__ import annotations

import shlex

import pytest
import typer

from surefoot.cli import main as cli
from surefoot.cli.app import app
from surefoot.optimize.advise.advice import Known, advise
from surefoot.optimize.advise.forms import There
from surefoot.optimize.advise.interview import Answers
from surefoot.optimize.compare.methods import parse_methods

ANSWERS = [
    Answers(),
    Answers(knowledge=False, behaviour=False, hallucination="harmless"),
    Answers(knowledge=False, behaviour=True, hallucination="harmless", labelled=50),
    Answers(behaviour=True, labelled=50),
    Answers(behaviour=True, labelled=5000, hardware="gpus", budget="weeks"),
    Answers(
        knowledge=False,
        behaviour=True,
        hallucination="harmless",
        labelled=5000,
        hardware="gpus",
        budget="weeks",
    ),
]


@pytest.fixture(scope="module")
def commands():
    cli._register()
    return typer.main.get_command(app)


def find(command, words):
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    return command


@pytest.mark.parametrize("answers", ANSWERS)
def test_every_advised_command_exists_with_its_options(commands, answers):
    more = ["surefoot hybrid build --compare c0ffee", 'surefoot ask --solution a.toml "QUESTION"']
    more += ["surefoot evalset create mine-more -n 300"]
    for command in [*(step.command for step in advise(answers).steps), *more]:
        program, *words = shlex.split(command)
        if program == "pip":
            assert words == ["install", "surefoot[tune]"]
            continue
        assert program == "surefoot"
        found = find(commands, words)
        known = {option for parameter in found.params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= known, command
        if "--methods" in words:
            assert parse_methods(words[words.index("--methods") + 1])


def test_what_is_there_already_is_not_advised():
    there = There(
        workspace=True, documents=True, asked=True, evalset="ours", rows="r.jsonl", trainer=True
    )
    answers = Answers(knowledge=True, behaviour=True, labelled=900)
    found = [step.command for step in advise(answers, known=Known(there)).steps]
    assert found == [
        "surefoot optimize ours --budget 15m",
        "surefoot compare --evalset ours --train r.jsonl --methods prompt,nearest,rag,lora,lora+rag",
        "surefoot advise --compare last",
    ]
