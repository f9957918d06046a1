"""What was measured on one eval set, as points of quality, cost and latency: the newest run of each solution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from pydantic import TypeAdapter

from surefoot.core.types import Score
from surefoot.optimize.search.frontier import undominated
from surefoot.store.runs import Run

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

MEASURED = "evaluate"
_SCORES: Final = TypeAdapter(tuple[Score, ...])
CostUnit = Literal["USD", "cpu ms"]


@dataclass(frozen=True, slots=True)
class MeasuredPoint:
    """A run as a point. `ahead` says that no other is at least as good in everything and better in something.

    `cost` is for one question; `corpus` is the version of the documents it was measured on.
    """

    run: str
    solution: str
    solution_digest: str
    at_ns: int
    corpus: str
    quality: Score
    cost: Score
    latency_ms: Score
    ahead: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """All points on one version of an eval set, the cheapest first. `other_versions` counts runs on other questions."""

    evalset: str
    evalset_digest: str
    metric: str
    cost_unit: CostUnit
    points: tuple[MeasuredPoint, ...]
    other_versions: int


def measured(space: Workspace, evalset: str, *, metric: str = "", limit: int = 100) -> Measured:
    """The newest run of each solution on the version of the set that was asked last; by its headline if no metric.

    Nothing is measured where there is no run of the set: then there are no points.
    """
    last = space.runs.runs(limit=1, kind=MEASURED, evalset=evalset)
    if not last:
        return Measured(evalset, "", metric, "cpu ms", (), 0)
    digest = last[0].evalset_digest
    wanted = metric or str(last[0].details.get("headline", ""))
    runs = space.runs.newest_of(digest, kind=MEASURED, limit=limit)
    told = [(run, scores) for run in runs if wanted in (scores := _scores(run))]
    unit: CostUnit = "USD" if any(s.get("cost_usd", _NONE).value for _, s in told) else "cpu ms"
    cost = "cost_usd" if unit == "USD" else "cpu_ms"
    told = [(run, scores) for run, scores in told if {cost, "latency_p50_ms"} <= scores.keys()]
    points = sorted(
        _points(told, wanted, cost), key=lambda point: (point.cost.value, -point.quality.value)
    )
    others = space.runs.versions_of(evalset, kind=MEASURED) - 1
    return Measured(evalset, digest, wanted, unit, tuple(points), others)


_NONE = Score("", 0.0, 0.0, 0.0, 0)


def _points(
    told: Sequence[tuple[Run, dict[str, Score]]], metric: str, cost: str
) -> Iterator[MeasuredPoint]:
    if not told:
        return
    numbers = [
        [scores[metric].value, -scores[cost].value, -scores["latency_p50_ms"].value]
        for _, scores in told
    ]
    for (run, scores), ahead in zip(told, undominated(np.array(numbers)), strict=True):
        yield MeasuredPoint(
            run.id,
            run.solution,
            run.solution_digest,
            run.at_ns,
            run.corpus,
            scores[metric],
            scores[cost],
            scores["latency_p50_ms"],
            bool(ahead),
        )


def _scores(run: Run) -> dict[str, Score]:
    listed = _SCORES.validate_python(run.details.get("scores", ()))
    return {score.metric: score for score in listed}
