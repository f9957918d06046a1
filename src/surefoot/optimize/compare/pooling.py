"""One figure of several seeds, and a difference seen from its other side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Final, Literal

from surefoot.core.types import Score
from surefoot.optimize.compare.result import Difference

Kind = Literal["better", "worse", "equivalent", "not proven"]
_OTHER: Final[Mapping[Kind, Kind]] = {
    "better": "worse",
    "worse": "better",
    "equivalent": "equivalent",
    "not proven": "not proven",
}


def pooled(scores: Sequence[Score]) -> Score:
    """The mean over seeds; its interval reaches from the lowest bound to the highest, so that it holds their spread.

    `n` is that of one seed: the questions are the same.
    """
    return replace(
        scores[0],
        value=fmean(score.value for score in scores),
        low=min(score.low for score in scores),
        high=max(score.high for score in scores),
    )


def turned(one: Difference) -> Difference:
    """The second method minus the first."""
    score = one.difference
    return replace(
        one,
        method=one.against,
        against=one.method,
        difference=replace(score, value=-score.value, low=-score.high, high=-score.low),
        kind=_OTHER[one.kind],
    )
