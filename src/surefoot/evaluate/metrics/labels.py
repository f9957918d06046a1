"""How well labels are chosen over a whole set. Knows pairs of gold and given label only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from surefoot.core.types import Score

Numbers = NDArray[np.float64]
Pair = tuple[str, ...]
"""The gold label and the given one; an empty one is none of the labels."""

_RESAMPLES = 2000
_LEVEL = 0.95


def macro_f1(pairs: Sequence[Pair]) -> float:
    """The mean F1 of the gold labels, each counting the same however rare it is (as scikit-learn's `macro`)."""
    ones = np.ones((1, len(pairs)))
    return float(_macro(ones, _counts(pairs))[0]) if pairs else 0.0


def macro_f1_score(
    metric: str, pairs: Sequence[Pair], *, clusters: Sequence[str] = (), seed: int = 0
) -> Score:
    """Macro F1 with its percentile bootstrap interval; clusters of questions are drawn whole."""
    if not pairs:
        return Score(metric, float("nan"), float("nan"), float("nan"), 0)
    names = [name or f"\0{place}" for place, name in enumerate(clusters or [""] * len(pairs))]
    kinds, of = np.unique(names, return_inverse=True)
    draw = np.random.default_rng(seed)
    drawn = draw.multinomial(kinds.size, np.full(kinds.size, 1 / kinds.size), _RESAMPLES)
    values = _macro(drawn[:, of].astype(float), _counts(pairs))
    low, high = np.quantile(values, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Score(metric, macro_f1(pairs), float(low), float(high), len(pairs))


def _counts(pairs: Sequence[Pair]) -> tuple[Numbers, Numbers, Numbers]:
    """For each question and gold label: right, given, gold; each n x labels."""
    labels = sorted({gold for gold, _ in pairs})
    gold = np.array([[label == pair[0] for label in labels] for pair in pairs], float)
    given = np.array([[label == pair[1] for label in labels] for pair in pairs], float)
    return gold * given, given, gold


def _macro(weights: Numbers, counts: tuple[Numbers, Numbers, Numbers]) -> Numbers:
    """Macro F1 of each row of weights; labels that a draw lacks altogether do not count in it."""
    right, given, gold = (weights @ count for count in counts)
    both = given + gold
    f1 = np.divide(2 * right, both, out=np.full_like(both, np.nan), where=gold > 0)
    kept: Numbers = np.nanmean(f1, axis=1)
    return kept
