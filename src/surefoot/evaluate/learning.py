"""What all learning from an eval set shares: the metric, the folds, and which questions can be learnt from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from surefoot.core.errors import DataError
from surefoot.core.types import EvalCase, EvalSet

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
