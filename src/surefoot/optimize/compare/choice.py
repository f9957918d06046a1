"""Which method to use: the one that is cheapest to build of those not proven worse than the best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from surefoot.core.types import Score
from surefoot.optimize.compare.claims import gap
from surefoot.optimize.compare.pooling import turned
from surefoot.optimize.compare.result import METHODS, Comparison, Difference, Method
from surefoot.optimize.search.frontier import undominated

BASELINES: Final[tuple[Method, ...]] = ("prompt", "fewshot")
"""What a method must beat to be worth building; the first that was measured."""
_MS = 1000.0


@dataclass(frozen=True, slots=True)
class Choice:
    """`best` has the highest score; `tied` are those not proven worse, itself included, cheapest to build first.

    `over` is the winner against the baseline, None where it is the baseline or there is none; `behind` are the
    differences of those proven worse than the best.
    """

    winner: Method
    best: Method
    tied: tuple[Method, ...]
    behind: tuple[Difference, ...]
    over: Difference | None = None


@dataclass(frozen=True, slots=True)
class BreakEven:
    """From how many questions on a method that is dearer to build and cheaper to ask has paid for itself.

    In processor seconds of this machine; dollars and seconds do not add up.
    """

    method: Method
    against: Method
    questions: int


def choose(comparison: Comparison) -> Choice | None:
    """The choice; None where nothing was scored."""
    scores = qualities(comparison)
    if not scores:
        return None
    best = max(scores, key=lambda method: (scores[method].value, -METHODS.index(method)))
    against = {method: between(comparison, method, best) for method in scores if method != best}
    behind = tuple(
        found for method in scores if (found := against.get(method)) and found.kind == "worse"
    )
    worse = {found.method for found in behind}
    tied = tuple(method for method in scores if method not in worse)
    winner = tied[0]
    baseline = next((method for method in BASELINES if method in scores), None)
    over = between(comparison, winner, baseline) if baseline and winner != baseline else None
    return Choice(winner, best, tied, behind, over)


def qualities(comparison: Comparison) -> Mapping[Method, Score]:
    """The metric of each method over its seeds, cheapest to build first."""
    joined = {one.method: one.score for one in comparison.joined}
    return {method: joined[method] for method in METHODS if method in joined}


def between(comparison: Comparison, method: Method, against: Method) -> Difference | None:
    """The first minus the second with the verdict of the whole comparison, else with that of the two alone."""
    for one in comparison.differences:
        if one.metric == comparison.metric and (one.method, one.against) == (method, against):
            return one
        if one.metric == comparison.metric and (one.against, one.method) == (method, against):
            return turned(one)
    return gap(comparison.arms, comparison.metric, (method, against))


def frontier(comparison: Comparison) -> frozenset[Method]:
    """The methods that no other beats in quality, cost of a question and waiting time at once."""
    scores = qualities(comparison)
    if not scores:
        return frozenset()
    dollars = any(arm.service.usd for arm in comparison.arms)
    points = np.array(
        [
            [
                scores[method].value,
                -_mean(comparison, method, "usd" if dollars else "cpu_ms"),
                -_mean(comparison, method, "latency_p50_ms"),
            ]
            for method in scores
        ]
    )
    return frozenset(
        method for method, kept in zip(scores, undominated(points), strict=True) if kept
    )


def break_evens(comparison: Comparison) -> tuple[BreakEven, ...]:
    """Every pair of methods of which one is dearer to build and cheaper to ask."""
    found = []
    for method in comparison.methods:
        for against in comparison.methods:
            more = _built(comparison, method) - _built(comparison, against)
            saved = (
                _mean(comparison, against, "cpu_ms") - _mean(comparison, method, "cpu_ms")
            ) / _MS
            if more > 0 and saved > 0:
                found.append(BreakEven(method, against, max(1, round(more / saved))))
    return tuple(found)


def _built(comparison: Comparison, method: Method) -> float:
    """Processor seconds that making an arm took, over its seeds on average."""
    arms = comparison.of(method)
    return sum((arm.build.cpu_s or arm.build.train_s) + arm.build.export_s for arm in arms) / len(
        arms
    )


def _mean(comparison: Comparison, method: Method, figure: str) -> float:
    arms = comparison.of(method)
    return float(sum(getattr(arm.service, figure) for arm in arms)) / len(arms)
