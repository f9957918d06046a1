from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from surefoot.optimize.search.belief import believe

Numbers = NDArray[np.float64]


def world(seed: int, effect: float = 0.1) -> tuple[NDArray[np.int64], Numbers, Numbers]:
    """27 solutions of three axes: option 1 of the first brings `effect`; 200 questions; and the true means."""
    chance = np.random.default_rng(seed)
    levels = np.array([[a, b, c] for a in range(3) for b in range(3) for c in range(3)])
    truth = 0.5 + effect * (levels[:, 0] == 1) + chance.normal(0, 0.005, 27)
    by_option = chance.normal(0, 0.1, (3, 3, 200))
    scores = truth[:, None] + chance.normal(0, 0.3, 200) + chance.normal(0, 0.05, (27, 200))
    for axis in range(3):
        scores += by_option[axis][levels[:, axis]]
    return levels, scores, truth


def partly(scores: Numbers, asked: dict[int, int], rest: int = 8) -> Numbers:
    seen = np.full_like(scores, np.nan)
    for line in range(len(scores)):
        count = asked.get(line, rest)
        seen[line, :count] = scores[line, :count]
    return seen


def test_a_shared_option_tells_of_solutions_hardly_asked() -> None:
    wrong, plainly = [], []
    for seed in range(8):
        levels, scores, truth = world(seed)
        seen = partly(scores, {12: 120, 0: 120, 22: 120})
        wrong.append(np.std(believe(levels, seen).mean - truth))
        plainly.append(np.std(np.nanmean(seen, axis=1) - truth))
    assert np.mean(wrong) < 0.6 * np.mean(plainly)


def test_hard_questions_do_not_count_against_the_one_that_got_them() -> None:
    levels, scores, _ = world(1, effect=0.0)
    hard = scores.copy()
    hard[:, 100:] -= 0.5
    found = believe(levels, partly(hard, {5: 200}, rest=100))
    assert abs(found.mean[5] - np.delete(found.mean, 5).mean()) < 0.05


@pytest.mark.slow
def test_the_truth_lies_inside_of_what_is_deemed_possible() -> None:
    inside: list[float] = []
    for seed in range(60):
        levels, scores, truth = world(seed)
        found = believe(levels, partly(scores, {12: 80, 13: 80}, rest=16))
        gap = found.mean - found.mean[0] - (truth - truth[0])
        covariance = found.covariance
        doubt = np.sqrt(np.diag(covariance) + covariance[0, 0] - 2 * covariance[0])
        inside.append(float((np.abs(gap[1:]) <= 1.96 * doubt[1:]).mean()))
    assert 0.88 < np.mean(inside) <= 0.995


def test_draws_follow_the_belief_and_the_seed() -> None:
    levels, scores, _ = world(2)
    found = believe(levels, partly(scores, {}))
    draws = found.draws(4000, seed=3)
    assert np.allclose(draws.mean(axis=1), found.mean, atol=0.02)
    assert np.allclose(np.cov(draws), found.covariance, atol=0.01)
    assert (found.draws(5, 3) == found.draws(5, 3)).all()


def test_one_question_and_one_solution_are_enough_to_believe_something() -> None:
    assert believe(np.array([[0, 1]]), np.array([[1.0, np.nan]])).mean.shape == (1,)
    alike = believe(np.zeros((3, 2), dtype=np.int64), np.ones((3, 4)))
    assert np.allclose(alike.mean, 1.0)
