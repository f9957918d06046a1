"""Which solutions no other beats in everything at once: quality, cost and latency."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from surefoot.optimize.result import FrontierPoint, Tried

Numbers = NDArray[np.float64]


def undominated(points: Numbers) -> NDArray[np.bool_]:
    """Which rows of `points` (solutions x objectives, larger is better) no other row beats.

    A row beats another where it is at least as good in every objective and better in one.
    """
    at_least = (points[:, None, :] >= points[None, :, :]).all(axis=2)
    better = (points[:, None, :] > points[None, :, :]).any(axis=2)
    return np.asarray(~(at_least & better).any(axis=0))


def frontier(tried: Sequence[Tried]) -> tuple[FrontierPoint, ...]:
    """The frontier, cheapest first, by expected quality, cost and median latency.

    Cost is dollars a question where any solution costs money, else processor milliseconds. Solutions that
    failed or answer like another are left out.
    """
    shown = [one for one in tried if one.standing not in ("failed", "same") and one.asked]
    if not shown:
        return ()
    paid = any(one.expense.usd for one in shown)
    costs = [one.expense.usd if paid else one.expense.cpu_ms for one in shown]
    waits = [one.expense.latency_p50_ms for one in shown]
    values = [one.expected.value for one in shown]
    kept = undominated(np.array([values, [-c for c in costs], [-w for w in waits]]).T)
    points = [
        FrontierPoint(
            digest=one.candidate.digest,
            quality=one.expected,
            cost=cost,
            latency_ms=wait,
            cost_unit="USD" if paid else "cpu ms",
        )
        for one, cost, wait, there in zip(shown, costs, waits, kept, strict=True)
        if there
    ]
    return tuple(sorted(points, key=lambda point: (point.cost, -point.quality.value)))
