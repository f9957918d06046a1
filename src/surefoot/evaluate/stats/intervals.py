"""How sure a number is: 95 % intervals over questions that may hang together. Knows numbers, not what they measure.

Every metric is a ratio of two sums over questions (a mean has ones below), so precision is as properly measured as a
mean. Shares and scores from 0 to 1 take Wilson's interval on the *effective* number of questions: as many as would give
the variance that is seen between clusters. Among the methods tried it alone held 95 % at n = 100 where most scores are
perfect and questions come in clusters (simulated: Student 84 %, BCa bootstrap over clusters 90 %, this 94 to 97 %).
Differences of pairs are nearly symmetric and take Student's interval on the variance between clusters; where few
answers changed, half a gain and half a loss are added first. Quantiles go from one order statistic to another. Amounts
have no such form: they take the bootstrap over whole clusters, with its levels widened for few clusters (Hesterberg
2014). See docs/benchmarks/statistics.md for how often each holds the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor, sqrt

import numpy as np

from surefoot.core.types import Score
from surefoot.evaluate.stats.clusters import Clusters, Numbers, Spread, grouped, spread_of
from surefoot.evaluate.stats.student import NORMAL, student_quantile

RESAMPLES = 10_000
LEVEL = 0.95
ENOUGH_QUESTIONS = 100
"""From here on intervals were seen to hold 93 to 97 % (docs/benchmarks/statistics.md)."""
ENOUGH_CLUSTERS = 12
"""The same for clusters, counted as if all had one size."""
_FEW_CHANGES = 20
_ASSUMED_WEIGHT = 6
"""Rare outcomes that weigh as much as the assumed design effect: chosen by simulation from 3, 6 and 12."""
_ASSUMED_OUTCOMES = 0.5
"""Rare outcomes that weigh as much as the most that a score from 0 to 1 can vary: chosen likewise from 0 to 2."""
_BLOCK = 2_000_000  # drawn places at a time: bounds the memory to tens of megabytes
_NOTHING = float("nan")


def too_few(n: int, clusters: Sequence[str] = ()) -> bool:
    """Whether so many questions are below the size where the intervals were seen to hold 93 to 97 %."""
    return n < ENOUGH_QUESTIONS or grouped(clusters, n).effective < ENOUGH_CLUSTERS


def mean_score(
    metric: str, values: Sequence[float], *, clusters: Sequence[str] = (), seed: int = 0
) -> Score:
    """The mean over questions; `n` is how many there are."""
    return ratio_score(metric, values, [1.0] * len(values), clusters=clusters, seed=seed)


def amount_score(
    metric: str, values: Sequence[float], *, clusters: Sequence[str] = (), seed: int = 0
) -> Score:
    """The mean of an amount, such as a cost: unlike a share it has no upper end."""
    data = np.asarray(values, float)
    if not data.size:
        return _no_score(metric)
    groups = grouped(clusters, data.size)
    low, high = _bca(groups.totals(data), groups.sizes, groups, seed)
    return Score(metric, float(data.mean()), low, high, data.size)


def ratio_score(
    metric: str,
    above: Sequence[float],
    below: Sequence[float],
    *,
    clusters: Sequence[str] = (),
    seed: int = 0,
) -> Score:
    """`sum(above) / sum(below)` over questions; `n` counts the questions with something below.

    Questions with nothing below take part, as they would in another sample of questions. `seed` is of the
    bootstrap, which only ratios outside of 0 to 1 need.
    """
    top, bottom = np.asarray(above, float), np.asarray(below, float)
    n = int(np.count_nonzero(bottom))
    if n == 0:
        return _no_score(metric)
    groups = grouped(clusters, bottom.size)
    value = float(top.sum() / bottom.sum())
    if (top >= 0).all() and (top <= bottom).all():
        low, high = _effective_wilson(top, bottom, value, groups)
    else:
        low, high = _bca(groups.totals(top), groups.totals(bottom), groups, seed)
    return Score(metric, value, low, high, n)


def paired_difference(
    metric: str,
    first: Sequence[float],
    second: Sequence[float],
    *,
    clusters: Sequence[str] = (),
    level: float = LEVEL,
    seed: int = 0,
) -> Score:
    """Mean of `second - first` over the same questions, with its interval at `level`.

    `seed` changes nothing any more: no part of the interval is drawn.

    Raises:
        ValueError: the two do not have the same length.
    """
    del seed
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} values are not pairs")
    gap = np.asarray(second, float) - np.asarray(first, float)
    if not gap.size:
        return _no_score(metric)
    value = float(gap.mean())
    low, high = paired_interval(gap, grouped(clusters, gap.size), level)
    return Score(metric, value, low, high, gap.size)


def paired_interval(gap: Numbers, groups: Clusters, level: float) -> tuple[float, float]:
    """The interval of the mean gap: Student on the variance between clusters, other than where few answers changed."""
    value, n = float(gap.mean()), gap.size
    spread = spread_of(gap - value, groups, n)
    times = student_quantile((1 + level) / 2, spread.freedom)
    if np.isin(gap, (-1.0, 0.0, 1.0)).all() and np.count_nonzero(gap) < _FEW_CHANGES:
        effect = spread.effect if spread.alone else groups.assumed_effect
        gains, losses = int((gap > 0).sum()), int((gap < 0).sum())
        times = NORMAL.inv_cdf((1 + level) / 2) if groups.single else times
        return _few_changes(gains / effect, losses / effect, n / effect, times)
    half = times * sqrt(max(spread.variance, 0.0))
    return value - half, value + half


def quantile_score(
    metric: str,
    values: Sequence[float],
    share: float,
    *,
    clusters: Sequence[str] = (),
    seed: int = 0,
) -> Score:
    """The `share` quantile over questions; its interval goes from one order statistic to another (Woodruff 1952).

    `seed` changes nothing any more. The highest quantiles need questions: below 59, no value seen bounds the 95 % one.
    """
    del seed
    data = np.asarray(values, float)
    if not data.size:
        return _no_score(metric)
    value = float(np.quantile(data, share))
    below = (data <= value).astype(float)
    groups = grouped(clusters, data.size)
    rare = int(min(below.sum(), (1 - below).sum()))
    effect, times = _effect(spread_of(below - below.mean(), groups, data.size), rare, groups)
    half = times * sqrt(share * (1 - share) * effect / data.size)
    ordered, last = np.sort(data), data.size - 1
    low = max(floor((share - half) * data.size) - 1, 0)
    high = min(ceil((share + half) * data.size) - 1, last)
    bounds = min(value, float(ordered[low])), max(value, float(ordered[high]))
    return Score(metric, value, *bounds, data.size)


def wilson(successes: float, n: float, *, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's interval of a share; (0, 1) for no observations. Neither number need be whole."""
    return _wilson(successes / n if n else 0.5, n, NORMAL.inv_cdf((1 + level) / 2))


def _wilson(share: float, n: float, times: float) -> tuple[float, float]:
    if n <= 0:
        return 0.0, 1.0
    centre = share + times**2 / (2 * n)
    spread = times * sqrt(share * (1 - share) / n + times**2 / (4 * n**2))
    scale = 1 + times**2 / n
    low = 0.0 if share <= 0 else max(0.0, (centre - spread) / scale)
    return low, 1.0 if share >= 1 else min(1.0, (centre + spread) / scale)


def _effective_wilson(
    top: Numbers, bottom: Numbers, share: float, groups: Clusters
) -> tuple[float, float]:
    """Wilson's interval with as many questions as give the variance seen; never more than if all stood alone."""
    counted = int(np.count_nonzero(bottom))
    spread = spread_of(top - share * bottom, groups, float(bottom.sum()))
    level = (1 + LEVEL) / 2
    yes_or_no = groups.single and bool(np.isin(top, (0.0, 1.0)).all())
    if yes_or_no and bool(np.isin(bottom, (0.0, 1.0)).all()):
        return _wilson(share, counted, NORMAL.inv_cdf(level))
    if spread.alone <= 0 or not 0 < share < 1:
        return _wilson(share, counted / groups.assumed_effect, NORMAL.inv_cdf(level))
    rare = int(min(np.count_nonzero(top), np.count_nonzero(top < bottom)))
    effect, times = _effect(spread, rare, groups)
    most = share * (1 - share) / counted
    assumed = _ASSUMED_OUTCOMES / (rare + _ASSUMED_OUTCOMES)
    alone = max(spread.alone, (1 - assumed) * spread.alone + assumed * most)
    return _wilson(share, share * (1 - share) / (alone * effect), times)


def _effect(spread: Spread, rare: int, groups: Clusters) -> tuple[float, float]:
    """The design effect of a share, and the quantile of Student's t that fits how far it was seen, not assumed.

    How far clusters hang together is seen on the `rare` outcomes: a handful of them leans on what is assumed.
    """
    if spread.alone <= 0:
        return groups.assumed_effect, NORMAL.inv_cdf((1 + LEVEL) / 2)
    trusted = rare / (rare + _ASSUMED_WEIGHT)
    seen = spread.variance / spread.alone
    effect = max(1.0, trusted * seen + (1 - trusted) * groups.assumed_effect)
    return effect, student_quantile((1 + LEVEL) / 2, spread.freedom / trusted)


def _few_changes(gains: float, losses: float, n: float, times: float) -> tuple[float, float]:
    """Wald interval of a paired difference of shares after adding half a gain and half a loss.

    After Bonett and Price (2012), who add whole ones; halves held the truth nearer to 95 % in simulation.
    """
    gained, lost = (gains + 0.5) / (n + 1), (losses + 0.5) / (n + 1)
    spread = times * sqrt((gained + lost - (gained - lost) ** 2) / (n + 1))
    return max(-1.0, gained - lost - spread), min(1.0, gained - lost + spread)


def _bca(top: Numbers, bottom: Numbers, groups: Clusters, seed: int) -> tuple[float, float]:
    """Bias-corrected and accelerated interval (Efron 1987) of a ratio of cluster totals."""
    value = float(top.sum() / bottom.sum())
    drawn = _resample(
        top.size, seed, lambda counts: _divide(counts @ top, counts @ bottom), top.size
    )
    drawn = drawn[~np.isnan(drawn)]
    if not drawn.size or drawn.min() == drawn.max():
        return value, value
    left_out = _divide(top.sum() - top, bottom.sum() - bottom)
    gaps = np.nanmean(left_out) - left_out[~np.isnan(left_out)]
    spread = float((gaps**2).sum())
    acceleration = float((gaps**3).sum()) / (6 * spread**1.5) if spread else 0.0
    below = float(np.mean(drawn < value) + np.mean(drawn == value) / 2)
    bias = NORMAL.inv_cdf(min(max(below, 1e-4), 1 - 1e-4))
    shares = []
    for z in (-_widened(groups), _widened(groups)):
        shifted = bias + z
        shares.append(NORMAL.cdf(bias + shifted / (1 - acceleration * shifted)))
    low, high = np.quantile(drawn, shares)
    return float(low), float(high)


def _widened(groups: Clusters) -> float:
    """The normal quantile that makes a percentile interval as wide as Student's (Hesterberg 2014)."""
    count = groups.sizes.size
    if count < 2:
        return NORMAL.inv_cdf((1 + LEVEL) / 2)
    times = student_quantile((1 + LEVEL) / 2, max(1.0, groups.effective - 1))
    return min(4.0, times * sqrt(count / (count - 1)))


def _divide(top: Numbers, bottom: Numbers) -> Numbers:
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom != 0)


def _resample(
    clusters: int, seed: int, measure: Callable[[Numbers], Numbers], width: int
) -> Numbers:
    """`measure` of blocks of resamples, `RESAMPLES` in all; a row says how often each cluster was drawn."""
    draw = np.random.default_rng(seed)
    rows = max(1, min(RESAMPLES, _BLOCK // max(width, clusters)))
    blocks = [
        measure(drawn_counts(draw, min(rows, RESAMPLES - block * rows), clusters))
        for block in range(ceil(RESAMPLES / rows))
    ]
    return np.concatenate(blocks)


def drawn_counts(draw: np.random.Generator, rows: int, clusters: int) -> Numbers:
    """How often each cluster (column) is in each of `rows` samples of as many clusters, drawn with replacement."""
    places = draw.integers(0, clusters, (rows, clusters)) + clusters * np.arange(rows)[:, None]
    flat = np.bincount(places.ravel(), minlength=rows * clusters)
    return flat.reshape(rows, clusters).astype(float)


def _no_score(metric: str) -> Score:
    return Score(metric, _NOTHING, _NOTHING, _NOTHING, 0)
