"""Chooses among what was tried, on the questions of the dev split alone; ties go to the cheaper solution."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from surefoot.optimize.search.belief import Belief
from surefoot.optimize.search.rules import Rules
from surefoot.optimize.search.sheet import Sheet

_SEEN = 1.96


@dataclass(frozen=True, slots=True)
class Choice:
    """`best` is expected to score highest; `tied`, itself included, are as good; `chosen` is the cheapest."""

    best: str
    tied: tuple[str, ...]
    chosen: str


def choose(
    sheet: Sheet, belief: Belief, rules: Rules, out: Collection[str], present: str
) -> Choice:
    """The cheapest of those that tie with the best; those `out` of the race do not stand.

    A solution ties where it is expected to lie at most `rules.tie` below the best one and the model deems it
    possible (95 %) that it is no worse.
    """
    places = [place for place, one in enumerate(sheet.candidates) if one.digest not in out]
    digests = [sheet.candidates[place].digest for place in places]
    mean = belief.mean[places]
    spread = belief.covariance[np.ix_(places, places)]
    lead = int(np.argmax(mean))
    gap = mean[lead] - mean
    variance = np.diag(spread) + spread[lead, lead] - 2 * spread[lead]
    unsure = _SEEN * np.sqrt(np.maximum(variance, 0.0))
    tied = tuple(
        digest
        for digest, gone, doubt in zip(digests, gap, unsure, strict=True)
        if gone <= min(rules.tie, doubt) or digest == digests[lead]
    )
    return Choice(digests[lead], tied, cheaper_first(sheet, tied, present)[0])


def cheaper_first(sheet: Sheet, digests: Sequence[str], present: str) -> list[str]:
    """By cost over the questions that all of them were asked; the present solution first where costs are equal.

    Dollars, chat tokens, encoder tokens, complexity; then the present one; then the one that was tried first.
    """
    among = sheet.common(digests)
    return sorted(digests, key=lambda digest: sheet.price(digest, among, present))
