"""Tests by flipping signs: if two solutions were equal, each cluster's difference could as well be the other way round.

Exact for right and wrong answers at any size (the distribution of the sum is built up from binomial ones; without
clusters this is McNemar's exact test), and for graded scores of up to 12 clusters that differ. Beyond that it is drawn,
and Hoeffding's bound stands where it is smaller than draws can show.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, lgamma, log

import numpy as np

from surefoot.evaluate.stats.clusters import Numbers, grouped

FLIPS = 10_000
_ALL_FLIPS = 12
_WIDEST = 50_000
_SLACK = 1e-9


def sign_flip(gap: Sequence[float], *, clusters: Sequence[str] = (), seed: int = 0) -> float:
    """The two-sided p-value of "no difference" for paired gaps, whole clusters flipped; 1 where nothing differs."""
    gaps = np.asarray(gap, float)
    totals = grouped(clusters, gaps.size).totals(gaps)
    totals = totals[np.abs(totals) > _SLACK]
    if not totals.size:
        return 1.0
    whole = np.rint(totals)
    if np.abs(totals - whole).max() <= _SLACK and np.abs(whole).sum() <= _WIDEST:
        return _exact(np.abs(whole).astype(int), abs(int(whole.sum())))
    if totals.size <= _ALL_FLIPS:
        signs = 1 - 2 * ((np.arange(2**totals.size)[:, None] >> np.arange(totals.size)) & 1)
        return float((np.abs(signs @ totals) >= abs(totals.sum()) - _SLACK).mean())
    return _drawn(totals, seed)


def mcnemar(gains: int, losses: int) -> float:
    """McNemar's exact two-sided p-value: were `gains` against `losses` tosses of a fair coin?"""
    if gains + losses == 0:
        return 1.0
    return _exact(np.ones(gains + losses, int), abs(gains - losses))


def _exact(sizes: np.ndarray[tuple[int, ...], np.dtype[np.int_]], seen: int) -> float:
    """The share of all sign flips whose sum is as far from 0 as the one seen."""
    chances = np.ones(1)
    for size, count in zip(*np.unique(sizes, return_counts=True), strict=True):
        tosses = np.zeros(2 * int(size) * int(count) + 1)
        tosses[:: 2 * int(size)] = _coin(int(count))
        chances = np.convolve(chances, tosses)
    sums = np.arange(chances.size) - chances.size // 2
    return float(min(1.0, chances[np.abs(sums) >= seen].sum()))


def _coin(count: int) -> Numbers:
    """The chances of 0 to `count` heads in `count` tosses."""
    whole = lgamma(count + 1) - count * log(2)
    return np.array([exp(whole - lgamma(k + 1) - lgamma(count - k + 1)) for k in range(count + 1)])


def _drawn(totals: Numbers, seed: int) -> float:
    draw = np.random.default_rng(seed)
    bits = np.unpackbits(
        np.frombuffer(draw.bytes(FLIPS * ((totals.size + 7) // 8)), np.uint8).reshape(FLIPS, -1),
        axis=1,
        count=totals.size,
    )
    sums = totals.sum() - 2 * (bits @ totals)
    drawn = float((1 + (np.abs(sums) >= abs(totals.sum()) - _SLACK).sum()) / (1 + FLIPS))
    bound = 2 * exp(-(float(totals.sum()) ** 2) / (2 * float(totals @ totals)))
    return min(drawn, bound)
