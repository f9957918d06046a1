"""What all learning from an eval set shares: metric and folds, which questions serve, how a stage is rewritten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from surefoot.core.errors import DataError
from surefoot.core.types import EvalCase, EvalSet
from surefoot.evaluate.metrics import ndcg
from surefoot.run.corpus import rewrite

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

METRIC: Final = "ndcg@10"
FOLDS: Final = 5
_FEW = 4 * FOLDS

Progress = Callable[[int, int], None]


def judged_cases(evalset: EvalSet) -> list[EvalCase]:
    """The questions that name a relevant document.

    Raises:
        DataError: they are too few to learn from.
    """
    cases = [case for case in evalset.cases if any(grade > 0 for grade in case.relevant.values())]
    if len(cases) < _FEW:
        raise DataError(
            f"{len(cases)} questions name a relevant document: too few to learn from",
            where=evalset.name,
            hint=f"at least {_FEW}",
        )
    return cases


def judge(cases: Sequence[EvalCase]) -> Callable[[int, Sequence[str]], float]:
    """The metric of a ranking of documents, for the question at a place."""
    return lambda place, documents: ndcg(documents, cases[place].relevant)


def rewrite_stage(space: Workspace, place: int, changes: dict[str, Any]) -> None:
    """Puts settings of the stage at a place into the solution file; all else in the file stays as it is."""
    import tomlkit

    document = tomlkit.parse(space.solution_file.read_text(encoding="utf-8"))
    document["stages"][place].update(changes)
    rewrite(space, tomlkit.dumps(document))
