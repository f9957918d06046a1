"""What may be said of two solutions that answered the same questions: better, worse, equivalent, or not proven."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Literal

import numpy as np

from surefoot.core.types import Score
from surefoot.evaluate.stats.clusters import Clusters, Numbers, grouped
from surefoot.evaluate.stats.intervals import LEVEL, paired_difference, paired_interval, too_few
from surefoot.evaluate.stats.signs import sign_flip
from surefoot.evaluate.stats.student import NORMAL

Kind = Literal["better", "worse", "equivalent", "not proven"]

ALPHA = 1 - LEVEL
_POWER = 0.8
_MOST_NEEDED = 1_000_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of the other solution beside the base.

    `difference` is other minus base with its corrected interval; `p` is the corrected p-value of no difference.
    `needed` says how many more questions would settle it in four of five runs if the truth were as seen; None where
    it is settled, or where not even a million would. `few` marks fewer questions than intervals were seen to hold for.
    """

    kind: Kind
    difference: Score
    p: float
    needed: int | None
    few: bool
    margin: float = 0.02
    family: int = 1


def compare(
    base: Sequence[float],
    other: Sequence[float],
    *,
    clusters: Sequence[str] = (),
    margin: float = 0.02,
    family: int = 1,
    seed: int = 0,
) -> Verdict:
    """The verdict on `other` beside `base`: values by question, more is better.

    "Better" and "worse" need both the interval and the sign-flip test to rule out 0 at 5 %; "equivalent" needs the
    90 % interval inside of the margin (two one-sided tests). `family` is how many comparisons are made: levels are
    divided by it (Bonferroni, the first and strictest step of Holm).

    Raises:
        ValueError: the two do not have the same length, or no question.
    """
    found = paired_difference(
        "difference", base, other, clusters=clusters, level=1 - ALPHA / family
    )
    if not found.n:
        raise ValueError("no question was answered by both")
    gap = np.asarray(other, float) - np.asarray(base, float)
    groups = grouped(clusters, gap.size)
    p = min(1.0, sign_flip(gap, clusters=clusters, seed=seed) * family)
    if p >= ALPHA:  # The interval keeps what the exact test cannot rule out.
        found = replace(found, low=min(found.low, 0.0), high=max(found.high, 0.0))
    few = too_few(found.n, clusters)
    narrow = paired_interval(gap, groups, 1 - 2 * ALPHA / family)
    kind = _kind(found, narrow, margin, few=few)
    needed = _needed(gap, groups, margin, family) if kind == "not proven" else None
    return Verdict(kind, found, p, needed, few, margin, family)


def more_questions(gap: Numbers, groups: Clusters, distance: float, family: int = 1) -> int | None:
    """How many more questions keep an interval `distance` off its bound in four of five runs, the spread being as seen.

    At least 1; None where it is more than a million, which is to say never.
    """
    level = 1 - ALPHA / family
    low, high = paired_interval(gap, groups, level)
    low_z = NORMAL.inv_cdf((1 + level) / 2)
    error = (high - low) / 2 / low_z
    if distance <= 0:
        return None
    whole = gap.size * (error * (low_z + NORMAL.inv_cdf(_POWER)) / distance) ** 2
    return None if whole > _MOST_NEEDED else max(1, ceil(whole) - gap.size)


def _kind(found: Score, narrow: tuple[float, float], margin: float, *, few: bool) -> Kind:
    if found.low > 0:
        return "better"
    if found.high < 0:
        return "worse"
    if not few and -margin < narrow[0] and narrow[1] < margin:
        return "equivalent"
    return "not proven"


def _needed(gap: Numbers, groups: Clusters, margin: float, family: int) -> int | None:
    """Enough to prove the difference seen, or that it stays inside of the margin, whichever is nearer."""
    seen = abs(float(gap.mean()))
    return more_questions(gap, groups, max(seen, margin - seen), family)
