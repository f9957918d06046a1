"""Wordings, thoughts and examples are tried where a chat model answers, and there only."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import surefoot
from surefoot.config.space import parse_space
from surefoot.core.errors import ConfigError
from surefoot.optimize.spaces.defaults import Facts, default_space, space_around, space_around_chat
from surefoot.optimize.spaces.ground import Ground
from surefoot.optimize.spaces.prompting import Wordings, prompt_choices, wordings
from surefoot.optimize.spaces.space import SolutionSpace

PLAIN = Facts(chinese=False, long=0.0, titled=0.0, lists=0.0, metadata=False, tokens=False)
ALONE = 'schema = 1\n[[stages]]\nkind = "answer"\n'
SEARCHING = """schema = 1
[corpus]
embed = { kind = "hash" }
[[stages]]
kind = "search"
[[stages]]
kind = "answer"
"""


@pytest.fixture
def workspace(tmp_path):
    opened = []

    def made(text):
        (tmp_path / "surefoot.toml").write_text(text, encoding="utf-8")
        opened.append(surefoot.open(tmp_path, settings={"offline": True}))
        return opened[-1]

    yield made
    for space in opened:
        space.close()


def own(root, name, text):
    folder = root / "prompts" / name
    folder.mkdir(parents=True)
    (folder / "en.md").write_text(text, encoding="utf-8")


def examples(root, name):
    file = root / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"question": "a", "answer": "b"}), encoding="utf-8")


def test_prompts_of_the_same_kind_are_told(workspace):
    assert wordings(workspace(SEARCHING)).prompts == ("answer/short", "answer/strict")
    assert wordings(workspace(ALONE)).prompts == ("answer/brief",)
    assert wordings(workspace(SEARCHING + "passages = 0")).prompts == ("answer/brief",)
    house = 'reply = "plain"\nprompt = "answer/house"'
    assert wordings(workspace(SEARCHING + house)).prompts == ()
    quoting = SEARCHING.replace('"answer"', '"quote"')
    assert wordings(workspace(quoting)) == Wordings()


def test_a_workspaces_own_prompts_stand_for_one_another(workspace, tmp_path):
    own(tmp_path, "task/a", "{{question}}")
    own(tmp_path, "task/b", "Do it. {{question}}")
    own(tmp_path, "task/c", "{{question}} {{refusal}}")
    space = workspace(ALONE + 'plain = "task/a"')
    assert wordings(space).prompts == ("task/b",)
    found = SolutionSpace(default_space(space, None), Ground(space))
    assert {axis.name: axis.options for axis in found.axes} == {
        "stages.answer.plain": ("task/a", "task/b"),
        "stages.answer.thinking": ("false", "true"),
    }
    made = space_of(found, {"stages.answer.plain": "task/b", "stages.answer.thinking": "true"})
    assert (made.plain, made.thinking, made.thoughts) == ("task/b", True, "answer/thinking")
    assert found.present.digest == found.baseline.digest


def space_of(found, choices):
    return found.solution(found.candidate(choices).digest).solution.stages[-1]


def test_files_of_examples_are_tried_where_none_is_used(workspace, tmp_path):
    examples(tmp_path, "examples.jsonl")
    examples(tmp_path, "examples/more.jsonl")
    space = workspace(ALONE)
    found = SolutionSpace(default_space(space, None), Ground(space))
    (axis,) = [axis for axis in found.axes if axis.name == "examples"]
    assert axis.options == (
        "none",
        *(f"{way} of {name}" for name in ("examples", "more") for way in WAYS),
    )
    assert space_of(found, {}).examples is None
    made = space_of(found, {"examples": "nearest 5 of more"}).examples
    assert (made.file, made.mode, made.count) == ("examples/more.jsonl", "nearest", 5)


WAYS = ("fixed 3", "nearest 3", "nearest 5")


def test_how_many_examples_and_which_is_tried_where_they_are_used(workspace, tmp_path):
    examples(tmp_path, "examples.jsonl")
    space = workspace(ALONE + 'examples = { file = "examples.jsonl", count = 2 }')
    assert prompt_choices(space.solution, wordings(space)) == {
        "stages.answer.thinking": [False, True],
        "stages.answer.plain": ["answer/plain", "answer/brief"],
        "stages.answer.examples.mode": ["fixed", "nearest"],
        "stages.answer.examples.count": [1, 2, 3, 5],
    }
    found = SolutionSpace(default_space(space, None), Ground(space))
    assert found.size == 2 * 2 * 2 * 4
    made = space_of(found, {"stages.answer.examples.count": "5"}).examples
    assert (made.file, made.mode, made.count) == ("examples.jsonl", "fixed", 5)


def test_prompts_are_tried_beside_the_search(workspace):
    space = workspace(SEARCHING)
    facts = replace(PLAIN, wordings=wordings(space))
    found = SolutionSpace(parse_space(space_around(space.solution, facts)), Ground(space))
    named = {axis.name: axis.options for axis in found.axes}
    assert named["stages.answer.prompt"] == ("answer/cited", "answer/short", "answer/strict")
    assert named["stages.answer.thinking"] == ("false", "true")
    assert "rerank" in named


def test_a_solution_that_asks_no_model_has_no_prompts_to_try(workspace):
    space = workspace(SEARCHING.replace('"answer"', '"quote"'))
    assert prompt_choices(space.solution, wordings(space)) == {}
    with pytest.raises(ConfigError, match="no chat model answers"):
        space_around_chat(space.solution, Wordings())


def test_a_prompt_that_is_not_there_is_told_by_whoever_builds_it(workspace):
    assert wordings(workspace(ALONE + 'plain = "own/none"')).prompts == ()
