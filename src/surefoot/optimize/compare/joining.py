"""Joins the seeds of a method, and says of each two methods what their answers to the same questions prove.

A trained method is random twice: in the questions it is asked and in the seed it was trained with. Its value at a
question is the mean over its seeds; the interval adds the variance of the seeds' means to that of the questions, with
the degrees of freedom of both (Satterthwaite 1946).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import sqrt
from statistics import fmean, stdev

import numpy as np

from surefoot.evaluate.stats import compare, holm, mean_score
from surefoot.evaluate.stats.clusters import Numbers, grouped, spread_of
from surefoot.evaluate.stats.student import student_quantile
from surefoot.optimize.compare.result import METHODS, ArmResult, Difference, Joined, Method

_LEVEL = 0.95
_LEAST_P = 2e-4  # below it the quantiles of few degrees of freedom are not to be had

NOT_COMPARED = frozenset({"answered", "citation_support", "citation_recall", "groundedness"})
"""Metrics that say nothing of quality by themselves."""


@dataclass(frozen=True, slots=True)
class _Values:
    """A method's values: a line a seed, a column a question."""

    lines: Numbers
    clusters: tuple[str, ...]

    @property
    def means(self) -> Numbers:
        """Over the seeds, by question."""
        found: Numbers = self.lines.mean(axis=0)
        return found


def join(arms: Sequence[ArmResult], metric: str) -> tuple[Joined, ...]:
    """Each method over its seeds, by this metric; a method of which no question has it is left out."""
    values = _values_of(arms, metric, shared=False)
    return tuple(
        _joined(method, values[method], [arm.seed for arm in arms if arm.method == method], metric)
        for method in METHODS
        if method in values
    )


def differences(arms: Sequence[ArmResult], metric: str) -> tuple[Difference, ...]:
    """Every two methods, the later in `METHODS` minus the earlier, over the questions that all arms have."""
    values = _values_of(arms, metric, shared=True)
    methods = [method for method in METHODS if method in values]
    pairs = list(combinations(methods, 2))
    raw = [_difference(metric, (one, two), values) for one, two in pairs]
    corrected = holm([found.p for found in raw]) if raw else []
    return tuple(_decided(found, p) for found, p in zip(raw, corrected, strict=True))


def shared_metrics(arms: Sequence[ArmResult]) -> tuple[str, ...]:
    """The metrics of answers that all arms have, in the order of the scores."""
    held = [{name for row in arm.evaluation.rows for name in row.metrics} for arm in arms]
    if not held:
        return ()
    common = set.intersection(*held) - NOT_COMPARED
    scores = arms[0].evaluation.scores
    return tuple(score.metric for score in scores if score.metric in common)


def _values_of(arms: Sequence[ArmResult], metric: str, *, shared: bool) -> dict[Method, _Values]:
    tables = {
        arm.name: {r.id: r for r in arm.evaluation.rows if metric in r.metrics} for arm in arms
    }
    if shared:
        common = set.intersection(*(set(rows) for rows in tables.values())) if tables else set()
        tables = {
            name: {key: row for key, row in rows.items() if key in common}
            for name, rows in tables.items()
        }
    found: dict[Method, _Values] = {}
    for method in METHODS:
        own = [tables[arm.name] for arm in arms if arm.method == method]
        if not own or not own[0]:
            continue
        names = [name for name in own[0] if all(name in rows for rows in own)]
        lines = np.array([[rows[name].metrics[metric] for name in names] for rows in own], float)
        found[method] = _Values(lines, tuple(own[0][name].cluster for name in names))
    return found


def _joined(method: Method, values: _Values, seeds: Sequence[int], metric: str) -> Joined:
    means = [float(line.mean()) for line in values.lines]
    score = mean_score(metric, list(values.means), clusters=values.clusters)
    if len(means) < 2:
        return Joined(method, tuple(sorted(seeds)), score)
    half = _half(values.means, values.clusters, means)
    low = max(0.0, min(score.low, score.value - half))
    high = min(1.0, max(score.high, score.value + half))
    return Joined(method, tuple(sorted(seeds)), replace(score, low=low, high=high), stdev(means))


def _difference(
    metric: str, pair: tuple[Method, Method], values: Mapping[Method, _Values]
) -> Difference:
    against, method = pair
    base, other = values[against], values[method]
    found = compare(list(base.means), list(other.means), clusters=base.clusters)
    gap = replace(found.difference, metric=metric)
    p, kind, seeds = found.p, found.kind, _seed_means(base, other)
    if len(seeds) > 1:
        gaps = other.means - base.means
        half = _half(gaps, base.clusters, seeds)
        low, high = min(gap.low, gap.value - half), max(gap.high, gap.value + half)
        gap = replace(gap, low=low, high=high)
        p = max(p, _p(gaps, base.clusters, seeds))
        if kind == "equivalent" and max(-gap.low, gap.high) > found.margin:
            kind = "not proven"
    return Difference(metric, method, against, gap, p, kind, found.needed, found.few)


def _decided(found: Difference, p: float) -> Difference:
    """The verdict under the corrected p: better and worse need it, and the interval beyond 0."""
    claimed = found.kind in ("better", "worse")
    sure = p < 1 - _LEVEL and (found.difference.low > 0 or found.difference.high < 0)
    return replace(found, p=p, kind="not proven" if claimed and not sure else found.kind)


def _seed_means(base: _Values, other: _Values) -> list[float]:
    """The means that vary by seed: differences of the seeds in turn where both are trained, else of the one that is."""
    ones = [float(line.mean()) for line in base.lines]
    twos = [float(line.mean()) for line in other.lines]
    if len(ones) == len(twos):
        return [two - one for one, two in zip(ones, twos, strict=True)]
    return twos if len(twos) > len(ones) else ones


def _error(values: Numbers, clusters: Sequence[str], seeds: Sequence[float]) -> tuple[float, float]:
    """The standard error of a mean over questions and seeds, and its degrees of freedom."""
    spread = spread_of(values - values.mean(), grouped(clusters, values.size), values.size)
    ours, theirs = max(spread.variance, 0.0), float(np.var(seeds, ddof=1)) / len(seeds)
    whole = ours + theirs
    if not whole:
        return 0.0, spread.freedom
    parts = ours**2 / max(spread.freedom, 1.0) + theirs**2 / (len(seeds) - 1)
    return sqrt(whole), max(1.0, whole**2 / parts)


def _half(values: Numbers, clusters: Sequence[str], seeds: Sequence[float]) -> float:
    error, freedom = _error(values, clusters, seeds)
    return student_quantile((1 + _LEVEL) / 2, freedom) * error


def _p(values: Numbers, clusters: Sequence[str], seeds: Sequence[float]) -> float:
    """The two-sided p of no difference by Student's t, found between its quantiles."""
    error, freedom = _error(values, clusters, seeds)
    if not error:
        return 1.0 if not values.mean() else _LEAST_P
    reached = abs(fmean(values)) / error
    low, high = _LEAST_P, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if student_quantile(1 - middle / 2, freedom) > reached:
            low = middle
        else:
            high = middle
    return high
