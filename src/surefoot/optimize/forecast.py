"""What a search will take before it begins, and what it took when it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from surefoot.core.budget import Budget
from surefoot.core.types import EvalCase, Expense
from surefoot.evaluate.forecast import Range, forecast_of
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.stats import smallest_difference
from surefoot.optimize.search.rules import Rules

_VERDICT = 3  # the chosen, the present and the plain solution are asked the unseen questions
_COMPARED = 2
_BLOCK = 8


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to be expected. `asks` counts questions put to solutions, at most.

    `detectable` is the smallest difference that the unseen questions prove four times in five; None without them.
    Seconds and dollars are told from `probed` questions to the present solution, as if all solutions were like it
    and shared nothing, and end where the budget does; new indexes come on top.
    """

    dev: int
    holdout: int
    combinations: int
    asks: int
    detectable: float | None
    seconds: Range
    dollars: Range
    probed: int = 0


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
    probes: Sequence[Row],
) -> Forecast:
    """What a search over so many combinations takes, by what the present solution took on the probes."""
    holdout = sum(case.split == "holdout" for case in cases)
    dev = len(cases) - holdout
    solutions = min(combinations, rules.most(dev, _BLOCK))
    asks = rules.allowed(solutions, dev, _BLOCK) + _VERDICT * holdout
    told = forecast_of(probes, asks)
    return Forecast(
        dev=dev,
        holdout=holdout,
        combinations=combinations,
        asks=asks,
        detectable=smallest_difference(holdout, family=_COMPARED) if holdout else None,
        seconds=_within(told.wall_s, budget.wall_s),
        dollars=_within(told.dollars, budget.dollars),
        probed=len(probes),
    )


def _within(told: Range, limit: float | None) -> Range:
    if limit is None:
        return told
    return Range(min(told.value, limit), min(told.low, limit), min(told.high, limit))
