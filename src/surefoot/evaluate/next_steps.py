"""What a workspace lacks on the way to a proven answer: the next best actions, the most pressing first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from surefoot.evaluate.evalsets.places import evalset_names
from surefoot.run.places import INNER

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

Action = Literal["add", "mend", "ask", "evalset", "feedback", "evaluate", "optimize", "compare"]
_ENOUGH_VERDICTS: Final = 5


@dataclass(frozen=True, slots=True)
class NextStep:
    """An action, how many things it is about (documents, verdicts; 0 where none), and the command that does it."""

    action: Action
    count: int
    command: str


def next_steps(space: Workspace) -> list[NextStep]:
    """What to do now, in order: documents, those that could not be read, questions, an eval set, proof."""
    return list(_steps(space))


def _steps(space: Workspace) -> Iterator[NextStep]:
    states = space.status() if space.solution.corpus is not None else []
    if space.solution.corpus is not None and not any(state.chunks for state in states):
        yield NextStep("add", 0, "surefoot add FOLDER")
        return
    if failed := sum(1 for state in states if state.status == "failed"):
        yield NextStep("mend", failed, "surefoot status")
    if not [line for line in space.ledger.traces(limit=2) if line.name == "ask"]:
        yield NextStep("ask", 0, 'surefoot ask "..."')
    verdicts = len(space.feedback.latest())
    sets = evalset_names(space.root)
    if verdicts >= _ENOUGH_VERDICTS:
        name = sets[0] if sets else "feedback"
        yield NextStep("feedback", verdicts, f"surefoot evalset add-feedback {name}")
    if not sets:
        yield NextStep("evalset", 0, "surefoot evalset create first")
        return
    kinds = {run.kind for run in space.runs.runs(limit=200)}
    if not kinds:
        yield NextStep("evaluate", 0, f"surefoot evaluate {sets[0]}")
        return
    if not any(kind.startswith("optim") for kind in kinds):
        yield NextStep("optimize", 0, f"surefoot optimize {sets[0]}")
    if not (space.root / INNER / "compare").is_dir():
        yield NextStep("compare", 0, f"surefoot compare --evalset {sets[0]}")
