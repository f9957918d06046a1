"""Advice from answers, or from what a comparison of the workspace measured: the one door for terminal and server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from surefoot.core.errors import MissingError
from surefoot.optimize.advise.advice import Advice, Known, advise
from surefoot.optimize.advise.evidence import advise_measured
from surefoot.optimize.advise.interview import AdviceLang, Answers
from surefoot.optimize.compare.files import CompareFiles

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace


def draw_advice(
    space: Workspace | None, answers: Answers, known: Known, lang: AdviceLang, compare: str = ""
) -> Advice:
    """The advice by the rule of thumb; by a comparison where one is named: its id, the beginning of it, or `last`.

    Raises:
        MissingError: there is no such comparison, or no workspace that could have one.
    """
    if not compare:
        return advise(answers, lang, known)
    if space is None:
        raise MissingError(
            "there is no workspace here or above",
            where="--compare",
            hint="surefoot compare makes comparisons in a workspace",
        )
    found = CompareFiles.find(space.root / ".surefoot", compare).result
    return advise_measured(found, answers, lang, known)
