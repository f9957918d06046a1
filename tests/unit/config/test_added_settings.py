"""A setting that came later changes no digest until it says something."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest

from surefoot.config.base import Added, Names, PartSettings, PromptName
from surefoot.config.solution import Solution, solution_digest


class Before(PartSettings):
    kind: Literal["made-up"] = "made-up"
    prompt: PromptName = "answer/cited"


class After(Before):
    system: Annotated[PromptName, Added()] = ""
    files: Annotated[tuple[str, ...], Added()] = ()
    told: Annotated[str, Names("file"), Added()] = ""


def digest(stage):
    return solution_digest(Solution(stages=(stage,)), lambda what, name: f"{what} {name}")


def test_a_later_setting_at_its_default_leaves_the_digest():
    assert digest(After()) == digest(Before())


@pytest.mark.parametrize(
    "said", [{"system": "answer/plain"}, {"files": ("a",)}, {"told": "notes.txt"}]
)
def test_a_later_setting_that_says_something_counts(said):
    assert digest(After(**said)) != digest(Before())
