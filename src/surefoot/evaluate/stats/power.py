"""How many questions a difference needs, before anything is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from surefoot.evaluate.stats.clusters import LIKENESS, grouped, spread_of
from surefoot.evaluate.stats.student import NORMAL

DISAGREEMENT = 0.2
"""Share of questions that two solutions answer unlike each other, where none is measured."""
POWER = 0.8
_ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class PairSpread:
    """What two solutions showed: how much they differ from question to question, and how clusters hang together.

    `spread` is the standard deviation of the difference of one question, `effect` the design effect, at least 1.
    """

    spread: float
    effect: float


def questions_needed(
    difference: float,
    *,
    disagreement: float = DISAGREEMENT,
    spread: float | None = None,
    effect: float = 1.0,
    family: int = 1,
    power: float = POWER,
) -> int:
    """Questions at which a true `difference` is proven in the share `power` of runs, two-sided at 5 %.

    Two right-or-wrong solutions that answer the share q of questions unlike each other have a `spread` of sqrt(q),
    taken from `disagreement` where none is given. `effect` is the design effect of clusters, `family` how many
    comparisons are made.

    Raises:
        ValueError: the difference is 0, which no number of questions proves.
    """
    if difference == 0:
        raise ValueError("no number of questions proves a difference of 0")
    return ceil(
        round(
            (_times(family, power) / difference) ** 2 * _variance(disagreement, spread) * effect, 6
        )
    )


def smallest_difference(
    n: int,
    *,
    disagreement: float = DISAGREEMENT,
    spread: float | None = None,
    effect: float = 1.0,
    family: int = 1,
    power: float = POWER,
) -> float:
    """The smallest true difference that `n` questions prove in the share `power` of runs; see `questions_needed`.

    Raises:
        ValueError: there is no question.
    """
    if n < 1:
        raise ValueError("no question proves nothing")
    return _times(family, power) * sqrt(_variance(disagreement, spread) * effect / n)


def design_effect(clusters: Sequence[str], *, likeness: float = LIKENESS) -> float:
    """How many times more questions are needed because these hang together by cluster; 1 where none do.

    `likeness` is the intraclass correlation of what is compared, assumed where nothing was measured.
    """
    groups = grouped(clusters, len(clusters))
    return 1 + (len(clusters) / groups.effective - 1) * likeness if len(clusters) else 1.0


def measured_spread(
    base: Sequence[float], other: Sequence[float], *, clusters: Sequence[str] = ()
) -> PairSpread:
    """Spread and design effect of a run that is there, to plan the next one.

    Raises:
        ValueError: the two do not have the same length.
    """
    if len(base) != len(other):
        raise ValueError(f"{len(base)} and {len(other)} values are not pairs")
    gap = np.asarray(other, float) - np.asarray(base, float)
    seen = spread_of(gap - gap.mean() if gap.size else gap, grouped(clusters, gap.size), gap.size)
    return PairSpread(sqrt(seen.alone * gap.size), seen.effect)


def _times(family: int, power: float) -> float:
    return NORMAL.inv_cdf(1 - _ALPHA / (2 * family)) + NORMAL.inv_cdf(power)


def _variance(disagreement: float, spread: float | None) -> float:
    return disagreement if spread is None else spread**2
