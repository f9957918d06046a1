"""Sign-flip tests against known values, and corrections for many comparisons."""

from __future__ import annotations

import itertools
from math import erf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.evaluate.stats import benjamini_hochberg, holm, mcnemar, sign_flip


def by_hand(totals) -> float:
    flips = [
        abs(sum(sign * total for sign, total in zip(signs, totals, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(totals))
    ]
    return sum(flip >= abs(sum(totals)) - 1e-9 for flip in flips) / len(flips)


def test_mcnemar_is_the_binomial_test_of_the_changes():
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 0) == pytest.approx(2 / 32)
    assert mcnemar(8, 2) == pytest.approx(2 * (1 + 10 + 45) / 1024)
    assert mcnemar(700, 500) == pytest.approx(8.6e-9, rel=0.05)


def test_without_clusters_right_and_wrong_give_mcnemar():
    gap = [1.0] * 8 + [-1.0] * 2 + [0.0] * 90
    assert sign_flip(gap) == pytest.approx(mcnemar(8, 2))


@settings(deadline=None)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9))
def test_whole_totals_are_tested_exactly(totals):
    gap = [float(np.sign(total)) for total in totals for _ in range(abs(total))]
    clusters = [str(place) for place, total in enumerate(totals) for _ in range(abs(total))]
    if gap:
        assert sign_flip(gap, clusters=clusters) == pytest.approx(by_hand(totals))


@settings(deadline=None)
@given(st.lists(st.floats(-1, 1, width=16), min_size=1, max_size=8))
def test_few_graded_gaps_are_tested_exactly(gap):
    seen = [one for one in gap if abs(one) > 1e-9]
    assert sign_flip(gap) == pytest.approx(by_hand(seen) if seen else 1.0)


def test_many_graded_gaps_are_drawn_close_to_the_normal_law():
    gap = np.random.default_rng(3).normal(0.02, 0.1, 400)
    z = abs(gap.sum()) / np.sqrt(gap @ gap)
    assert sign_flip(gap) == pytest.approx(2 * (1 - 0.5 * (1 + erf(z / np.sqrt(2)))), abs=0.005)
    assert sign_flip(gap) == sign_flip(gap, seed=0)
    assert sign_flip(gap + 0.5) < 1e-20


def test_clusters_take_away_evidence():
    gap = [1.0] * 12
    assert sign_flip(gap) == pytest.approx(2 / 2**12)
    assert sign_flip(gap, clusters=["a"] * 6 + ["b"] * 6) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="2 clusters for 12 questions"):
        sign_flip(gap, clusters=["a", "b"])


def test_holm_and_benjamini_hochberg_of_a_textbook_family():
    p = [0.01, 0.04, 0.03, 0.005]
    assert holm(p) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert benjamini_hochberg(p) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert holm([]) == benjamini_hochberg([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]
