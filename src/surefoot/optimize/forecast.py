"""What a search will take before it begins, and what it took when it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from surefoot.core.budget import Budget
from surefoot.core.types import EvalCase, Expense
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.stats import smallest_difference
from surefoot.optimize.rules import Rules

_VERDICT = 3  # the chosen, the present and the plain solution are asked the unseen questions
_COMPARED = 2
_BLOCK = 8


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to be expected. `asks` counts questions put to solutions, at most; seconds are of one process.

    `detectable` is the smallest difference that the unseen questions prove four times in five; None without them.
    `per_question` is the time that the present solution took for one, on `measured` questions.
    """

    dev: int
    holdout: int
    combinations: int
    asks: int
    detectable: float | None
    per_question: Expense
    measured: int
    seconds: float
    dollars: float


@dataclass(frozen=True, slots=True)
class Audit:
    """What was used. `kept` rows were there before and cost nothing now; `building` is for indexes."""

    asks: int
    kept: int
    seconds: float
    asking: Expense
    building: Expense


def forecast(
    cases: Sequence[EvalCase],
    combinations: int,
    rules: Rules,
    budget: Budget,
    tried: Sequence[Row],
) -> Forecast:
    """What a search over so many combinations takes, by what the present solution took on the questions tried."""
    holdout = sum(case.split == "holdout" for case in cases)
    dev = len(cases) - holdout
    warm = tried[1:] or tried
    each = Expense()
    for row in warm:
        each = each + Expense(row.latency_ms / 1000, row.cpu_ms / 1000, row.usage)
    seconds, dollars = (value / max(1, len(warm)) for value in (each.wall_s, each.usage.cost))
    solutions = min(combinations, rules.most(dev, _BLOCK))
    asks = rules.allowed(solutions, dev, _BLOCK) + _VERDICT * holdout
    limit = budget.wall_s
    return Forecast(
        dev=dev,
        holdout=holdout,
        combinations=combinations,
        asks=asks,
        detectable=smallest_difference(holdout, family=_COMPARED) if holdout else None,
        per_question=Expense(seconds, each.cpu_s / max(1, len(warm))),
        measured=len(warm),
        seconds=min(asks * seconds, limit) if limit is not None else asks * seconds,
        dollars=min(asks * dollars, budget.dollars) if budget.dollars else asks * dollars,
    )
