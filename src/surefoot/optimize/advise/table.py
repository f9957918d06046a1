"""The four methods side by side: how the rule of thumb ranks them, and beside it what was measured."""

from __future__ import annotations

from dataclasses import dataclass, field

from surefoot.optimize.advise.interview import AdviceLang
from surefoot.optimize.advise.rule import Dimension, FourMethods, rule
from surefoot.optimize.advise.words import word


@dataclass(frozen=True, slots=True)
class SideBySide:
    """One dimension: by method its place from least (1) to most, the same in words, and what was measured.

    Equal methods have the same place. `measured` lacks what was not measured; `verdict` says whether the two agree.
    """

    key: str
    name: str
    good: str
    ranks: dict[FourMethods, int]
    levels: dict[FourMethods, str]
    measured: dict[FourMethods, str] = field(default_factory=dict)
    verdict: str = ""


def side_by_side(lang: AdviceLang) -> tuple[SideBySide, ...]:
    """All dimensions by the rule of thumb alone."""
    return tuple(_row(dimension, lang) for dimension in rule().dimensions)


def method_names(lang: AdviceLang) -> dict[FourMethods, str]:
    """What the columns are called."""
    return {method: word(lang, f"method.{method}") for method in rule().arms}


def _row(dimension: Dimension, lang: AdviceLang) -> SideBySide:
    levels = len(dimension.order)
    ranks: dict[FourMethods, int] = {method: dimension.rank(method) for method in rule().arms}
    said = {method: word(lang, f"level.{levels}_{rank}") for method, rank in ranks.items()}
    name = word(lang, f"dimension.{dimension.key}")
    return SideBySide(dimension.key, name, dimension.good, ranks, said)
