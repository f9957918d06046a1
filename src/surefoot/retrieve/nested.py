"""Stages that hold stages: sees to it that those inside search, and runs them."""

from __future__ import annotations

from collections.abc import Sequence

from surefoot.core.errors import ConfigError
from surefoot.core.roles import Call, Stage
from surefoot.core.types import Turn


def searches(stage: Stage) -> bool:
    """Whether a stage finds hits by itself."""
    return stage.produces == "hits" and stage.takes == "query"


def check_searches(stages: Sequence[Stage], *, name: str, where: str) -> None:
    """Sees to it that one of the stages searches and none answers.

    Raises:
        ConfigError: naming what holds them (`name`) and the setting (`where`).
    """
    if not any(map(searches, stages)) or any(stage.produces == "answer" for stage in stages):
        raise ConfigError(
            f"the stages of {name} must search and not answer",
            where=where,
            hint=f'put kind = "search" among them, and the stage that answers after {name}',
        )


def through(stages: Sequence[Stage], turn: Turn, call: Call) -> Turn:
    """The turn after all stages; one with an answer goes no further."""
    for stage in stages:
        if turn.answer is None:
            turn = stage(turn, call)
    return turn
