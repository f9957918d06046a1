"""Intervals: known values, and how often they hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.evaluate.stats import (
    amount_score,
    intervals,
    mean_score,
    paired_difference,
    quantile_score,
    ratio_score,
    wilson,
)


def test_wilson_of_a_textbook_share() -> None:
    low, high = wilson(9, 10)
    assert (low, high) == (pytest.approx(0.5958, abs=1e-4), pytest.approx(0.9821, abs=1e-4))
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 20)[0] == 0.0
    assert wilson(20, 20)[1] == pytest.approx(1.0)


def test_a_mean_comes_with_its_interval_and_n() -> None:
    values = np.linspace(0, 1, 101)
    score = mean_score("m", values)
    assert (score.metric, score.value, score.n) == ("m", pytest.approx(0.5), 101)
    half = 1.96 * values.std() / math.sqrt(101)
    assert score.low == pytest.approx(0.5 - half, abs=0.005)
    assert score.high == pytest.approx(0.5 + half, abs=0.005)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(5).beta(4, 1, 60)
    assert amount_score("m", values, seed=3) == amount_score("m", values, seed=3)
    assert amount_score("m", values, seed=3) != amount_score("m", values, seed=4)
    assert mean_score("m", values, seed=3) == mean_score("m", values, seed=4)


def test_all_right_is_not_certainty() -> None:
    score = mean_score("exact_match", [1.0] * 30)
    assert (score.value, score.high) == (1.0, 1.0)
    assert score.low == pytest.approx(wilson(30, 30)[0]) and score.low < 0.9


def test_an_amount_is_no_share() -> None:
    free = amount_score("cost_usd", [0.0] * 5)
    assert (free.value, free.low, free.high, free.n) == (0.0, 0.0, 0.0, 5)
    some = amount_score("cost_usd", [0.0, 0.0, 1.0, 1.0, 1.0, 3.0] * 10)
    assert some.low < some.value == 1.0 < some.high < 1.4


def test_nothing_to_average_has_n_0() -> None:
    assert mean_score("m", []).n == 0
    assert amount_score("m", []).n == 0
    assert ratio_score("m", [0.0, 0.0], [0.0, 0.0]).n == 0
    assert paired_difference("m", [], []).n == 0
    assert quantile_score("m", [], 0.5).n == 0


def test_a_ratio_is_of_sums_and_n_counts_what_is_below() -> None:
    above = [1.0, 0.0, 1.0, 0.0] * 20
    below = [1.0, 0.0, 1.0, 1.0] * 20
    score = ratio_score("refusal_precision", above, below)
    assert (score.value, score.n) == (pytest.approx(2 / 3), 60)
    assert 0.5 < score.low < 2 / 3 < score.high < 0.8


def test_a_paired_difference_sees_what_two_intervals_do_not() -> None:
    draw = np.random.default_rng(0)
    first = draw.uniform(0, 0.8, 200)
    second = first + draw.normal(0.03, 0.05, 200)
    gap = paired_difference("ndcg@10", first, second)
    assert gap.low > 0
    assert mean_score("m", first).high > mean_score("m", second).low
    with pytest.raises(ValueError, match="not pairs"):
        paired_difference("m", [1.0], [1.0, 0.0])


def test_equal_systems_do_not_differ() -> None:
    graded = paired_difference("m", [0.2, 0.7, 0.9] * 20, [0.2, 0.7, 0.9] * 20)
    assert graded.value == 0.0 and graded.low <= 0.0 <= graded.high
    assert graded.high == pytest.approx(-graded.low)


def test_few_changed_answers_prove_little() -> None:
    """By hand, 3 gains and no loss of 50: (3.5 - .5)/51 -+ 1.96 sqrt((4/51 - (3/51)^2)/51)."""
    gap = paired_difference("exact_match", [0.0] * 3 + [1.0] * 47, [1.0] * 50)
    spread = 1.959964 * math.sqrt((4 / 51 - (3 / 51) ** 2) / 51)
    assert (gap.value, gap.n) == (pytest.approx(0.06), 50)
    assert (gap.low, gap.high) == (pytest.approx(3 / 51 - spread), pytest.approx(3 / 51 + spread))
    assert gap.low < 0


def test_a_quantile_lies_in_its_interval() -> None:
    values = np.random.default_rng(1).gamma(2.0, 20.0, 300)
    for share in (0.5, 0.95):
        score = quantile_score("latency", values, share)
        assert score.low <= score.value <= score.high
        assert score.value == pytest.approx(np.quantile(values, share))


@settings(deadline=None)
@given(st.lists(st.floats(0, 1, width=16), min_size=1, max_size=40), st.integers(0, 3))
def test_the_mean_lies_in_its_interval(values, seed) -> None:
    score = mean_score("m", values, seed=seed)
    assert score.low - 1e-9 <= score.value <= score.high + 1e-9
    assert score.low >= 0 and score.high <= 1 + 1e-9


@pytest.fixture
def fewer_resamples(monkeypatch) -> None:
    monkeypatch.setattr(intervals, "RESAMPLES", 1000)


def _coverage(draw_values, truth: float, runs: int = 800) -> float:
    draw = np.random.default_rng(20)
    held = 0
    for run in range(runs):
        score = draw_values(draw, run)
        held += score.low <= truth <= score.high
    return held / runs


@pytest.mark.slow
@pytest.mark.parametrize("truth", [0.5, 0.8, 0.95])
def test_95_percent_of_share_intervals_hold_the_truth(fewer_resamples, truth) -> None:
    share = _coverage(
        lambda draw, seed: mean_score("m", (draw.random(100) < truth).astype(float), seed=seed),
        truth,
    )
    assert 0.93 <= share <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("perfect", [0.4, 0.85, 0.95])
def test_95_percent_of_skewed_mean_intervals_hold_the_truth(fewer_resamples, perfect) -> None:
    """Like nDCG of a good search: most questions perfect, the rest spread below."""

    def one(draw, seed):
        values = np.where(draw.random(100) < perfect, 1.0, draw.random(100))
        return mean_score("ndcg@10", values, seed=seed)

    assert 0.93 <= _coverage(one, perfect + (1 - perfect) / 2) <= 0.97


@pytest.mark.slow
def test_95_percent_of_precision_intervals_hold_the_truth(fewer_resamples) -> None:
    def one(draw, seed):
        refused = draw.random(200) < 0.4
        right = refused & (draw.random(200) < 0.7)
        return ratio_score(
            "refusal_precision", right.astype(float), refused.astype(float), seed=seed
        )

    assert 0.93 <= _coverage(one, 0.7) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("n", [100, 150, 300])
def test_95_percent_of_paired_intervals_hold_the_truth(fewer_resamples, n) -> None:
    def one(draw, seed):
        first = (draw.random(n) < 0.7).astype(float)
        flips = draw.random(n)
        second = np.where(flips < 0.1, 1.0, np.where(flips > 0.95, 0.0, first))
        return paired_difference("m", first, second, seed=seed)

    assert 0.93 <= _coverage(one, 0.1 * 0.3 - 0.05 * 0.7, runs=4000) <= 0.97
