"""The first way through a workspace, from documents to proof: which steps somebody has taken already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from surefoot.evaluate.evalsets.places import evalset_names
from surefoot.run.places import INNER

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

Milestone = Literal["add", "ask", "judge", "evalset", "evaluate", "prove"]


@dataclass(frozen=True, slots=True)
class Passed:
    """A step of the way, whether it was taken, and the command that takes it."""

    milestone: Milestone
    done: bool
    command: str


def first_run(space: Workspace) -> list[Passed]:
    """Every step in order: documents, a question, a verdict on an answer, questions with answers, a figure, a proof."""
    return list(_way(space))


def _way(space: Workspace) -> Iterator[Passed]:
    searches = space.solution.corpus is not None
    documents = searches and space.resources.index().count() > 0
    yield Passed("add", documents or not searches, "surefoot up --example")
    asked = any(line.name == "ask" for line in space.ledger.traces(limit=20))
    yield Passed("ask", asked, 'surefoot ask "..."')
    yield Passed("judge", bool(space.feedback.latest()), "surefoot feedback last --right")
    sets = evalset_names(space.root)
    named = sets[0] if sets else "first"
    yield Passed("evalset", bool(sets), f"surefoot evalset create {named}")
    kinds = {run.kind for run in space.runs.runs(limit=200)}
    yield Passed("evaluate", bool(kinds), f"surefoot evaluate {named}")
    compared = (space.root / INNER / "compare").is_dir()
    proven = compared or any(kind.startswith("optim") for kind in kinds)
    yield Passed("prove", proven, f"surefoot optimize {named}")
