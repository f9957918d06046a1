"""The search's own error rates, by simulation: equals and one that is better."""

from __future__ import annotations

import numpy as np
import pytest

from surefoot.core.types import EvalCase
from surefoot.optimize.result import Searched
from surefoot.optimize.search.rules import Rules
from surefoot.optimize.search.search import search
from surefoot.testing.score_table import ScoreTable, TableBench, TableSpace, grid

OPTIONS = {"a": ["0", "1", "2"], "b": ["0", "1", "2"]}
WORLDS = 100


def world(seed: int, gain: float) -> ScoreTable:
    """Nine solutions, right on 70 % of 200 questions in 100 clusters; the last one is better where `gain` is not 0."""
    chance = np.random.default_rng(seed)
    axes, candidates = grid(OPTIONS)
    shared = chance.normal(0, 1, (1, 200)) + chance.normal(0, 0.7, 100)[np.arange(200) % 100]
    noise = chance.normal(0, 1.2, (9, 200))
    level = np.full((9, 1), 0.9)
    level[-1] += gain * 6
    scores = (shared + noise + level > 0).astype(float)
    cases = tuple(
        EvalCase(
            f"q{n}", "?", "en", cluster=f"c{n % 100}", split="dev" if n % 100 < 50 else "holdout"
        )
        for n in range(200)
    )
    return ScoreTable(axes, candidates, cases, scores.tolist())


def run(seed: int, gain: float) -> Searched:
    table = world(seed, gain)
    rules = Rules(seed=seed, effort=0.5, tie=0.0)
    return search(TableSpace(table), TableBench(table), table.cases, rules)


@pytest.mark.slow
def test_among_equals_a_winner_is_rarely_proven_and_hardly_any_is_dropped() -> None:
    found = [run(seed, 0.0) for seed in range(WORLDS)]
    proven = sum(
        one.unseen is not None and any(c.kind in ("better", "worse") for c in one.unseen.compared)
        for one in found
    )
    dropped = sum(any(t.standing == "worse" for t in one.tried) for one in found)
    # 5 % are allowed; 10 of 100 is what a rule that errs in 5 % stays below in 99 of 100 runs of this test.
    assert proven <= 10
    assert dropped <= 10
    assert sum(one.winner == one.present for one in found) >= WORLDS - 10


@pytest.mark.slow
def test_one_that_is_better_is_mostly_found_and_proven() -> None:
    found = [run(seed, 0.25) for seed in range(40)]
    assert sum(one.chosen == "2/2" for one in found) >= 36
    assert sum(one.winner == "2/2" for one in found) >= 28


@pytest.mark.slow
def test_choosing_and_showing_on_the_same_questions_flatters_and_the_corrected_figure_hardly() -> (
    None
):
    shown, corrected = [], []
    for seed in range(60):
        curse = run(seed, 0.0).curse
        assert curse is not None
        assert curse.unseen is not None
        shown.append(curse.shown.value - curse.unseen.value)
        corrected.append(curse.corrected.value - curse.unseen.value)
    assert np.mean(shown) > 0.04
    assert abs(np.mean(corrected)) < 0.5 * np.mean(shown)
