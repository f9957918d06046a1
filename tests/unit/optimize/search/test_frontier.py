from __future__ import annotations

import numpy as np

from surefoot.core.types import Score
from surefoot.optimize.result import PerQuestion, Standing, Tried
from surefoot.optimize.search.frontier import frontier, undominated
from surefoot.optimize.trial import Candidate


def tried(
    name: str, quality: float, cpu_ms: float, *, usd: float = 0.0, standing: Standing = "behind"
) -> Tried:
    score = Score("ndcg@10", quality, quality - 0.1, quality + 0.1, 50)
    spent = PerQuestion(usd=usd, cpu_ms=cpu_ms, latency_p50_ms=cpu_ms)
    return Tried(Candidate(name, {}), standing, "", score, score, 0.1, spent, 50)


def test_only_what_nothing_beats_in_everything_is_left() -> None:
    points = np.array([[3.0, 1.0], [1.0, 3.0], [1.0, 1.0], [3.0, 1.0]])
    assert undominated(points).tolist() == [True, True, False, True]


def test_the_frontier_goes_from_cheap_to_good() -> None:
    found = frontier([tried("good", 0.9, 50), tried("cheap", 0.7, 5), tried("neither", 0.6, 20)])
    assert [point.digest for point in found] == ["cheap", "good"]
    assert found[0].cost_unit == "cpu ms"


def test_where_anything_costs_money_cost_is_money() -> None:
    found = frontier([tried("local", 0.7, 50), tried("bought", 0.9, 5, usd=0.01)])
    assert [(point.digest, point.cost) for point in found] == [("local", 0.0), ("bought", 0.01)]


def test_failed_and_same_solutions_are_not_shown() -> None:
    assert frontier([tried("broken", 0.9, 1, standing="failed")]) == ()
