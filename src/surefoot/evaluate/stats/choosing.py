"""Choosing among many: the cheapest of those that nothing sets apart, and what the chosen one is really worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from surefoot.core.types import Score
from surefoot.evaluate.stats.clusters import grouped
from surefoot.evaluate.stats.intervals import drawn_counts, mean_score
from surefoot.evaluate.stats.signs import sign_flip
from surefoot.evaluate.stats.verdicts import compare

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Contender:
    """A solution to choose from: its values by question, more is better, and what it costs.

    `cost` is in any one unit, `latency_ms` in milliseconds; `complexity` counts choices unlike the default.
    """

    name: str
    values: Sequence[float]
    cost: float = 0.0
    latency_ms: float = 0.0
    complexity: float = 0.0


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen solution. `best` has the highest mean; `tied` are those not proven worse than it, best first."""

    chosen: str
    best: str
    tied: tuple[str, ...]


def cheapest_of_the_tied(
    contenders: Sequence[Contender], *, clusters: Sequence[str] = (), seed: int = 0
) -> Choice:
    """The cheapest of those whose Holm-corrected paired interval against the best holds 0.

    Then the quicker, then the simpler, then the better. All must have answered the same questions. Which is best was
    found by comparing all with all, so the correction counts every pair: among equals someone was left out in at most
    6 % of simulated runs, and in 10 % where only the comparisons with the best were counted.

    Raises:
        ValueError: there is nothing to choose from, or not all have answered the same questions.
    """
    if not contenders:
        raise ValueError("there is nothing to choose from")
    ranked = sorted(contenders, key=lambda one: -float(np.mean(one.values)))
    best = ranked[0]
    left_behind = _worse(best, ranked[1:], clusters, seed)
    tied = [one for one in ranked if one.name not in left_behind]
    chosen = min(tied, key=lambda one: (one.cost, one.latency_ms, one.complexity))
    return Choice(chosen.name, best.name, tuple(one.name for one in tied))


def corrected_for_choice(
    values: Sequence[Sequence[float]],
    chosen: int,
    *,
    metric: str = "",
    clusters: Sequence[str] = (),
    seed: int = 0,
) -> Score:
    """The mean of the chosen of several solutions (rows) over questions (columns), the winner's curse taken off.

    Whole clusters are drawn anew, the solution of the same rank is chosen on them and scored on the questions that
    were not drawn; the mean of those scores is the estimate (Tsamardinos and others 2018), and the interval is that of
    the chosen one moved there. For equal solutions it is right on average; where one stands out it changes nothing.
    """
    table = np.asarray(values, float)
    plain = mean_score(metric, table[chosen], clusters=clusters)
    groups = grouped(clusters, table.shape[1])
    if len(table) < 2 or groups.sizes.size < 3:
        return plain
    rank = int((table.mean(axis=1) > table[chosen].mean()).sum())
    totals = np.stack([groups.totals(row) for row in table])
    count = groups.sizes.size
    drawn = drawn_counts(np.random.default_rng(seed), RESAMPLES, count)
    left = (drawn == 0).astype(float)
    usable = (left @ groups.sizes) > 0
    drawn, left = drawn[usable], left[usable]
    inside = (drawn @ totals.T) / (drawn @ groups.sizes)[:, None]
    outside = (left @ totals.T) / (left @ groups.sizes)[:, None]
    picked = np.argsort(-inside, axis=1, kind="stable")[:, rank]
    moved = float(outside[np.arange(len(picked)), picked].mean()) - plain.value
    return replace(plain, value=plain.value + moved, low=plain.low + moved, high=plain.high + moved)


def _worse(
    best: Contender, others: Sequence[Contender], clusters: Sequence[str], seed: int
) -> set[str]:
    """Names of those proven worse than the best, stepping down as Holm does until one is not."""
    top = np.asarray(best.values, float)
    by_p = sorted(
        others,
        key=lambda one: sign_flip(
            np.asarray(one.values, float) - top, clusters=clusters, seed=seed
        ),
    )
    found: set[str] = set()
    for step, one in enumerate(by_p):
        left = len(by_p) - step
        pairs = left * (left + 1) // 2
        verdict = compare(best.values, one.values, clusters=clusters, family=pairs, seed=seed)
        if verdict.kind != "worse":
            break
        found.add(one.name)
    return found
