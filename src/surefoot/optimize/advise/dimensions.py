"""The seven dimensions of the rule of thumb beside what a comparison measured of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import sqrt

from surefoot.evaluate.stats import questions_needed
from surefoot.evaluate.stats.sayings import needed_text
from surefoot.optimize.advise.interview import AdviceLang
from surefoot.optimize.advise.rule import Dimension, FourMethods, rule
from surefoot.optimize.advise.table import SideBySide, side_by_side
from surefoot.optimize.advise.words import word
from surefoot.optimize.compare.claims import metric_of
from surefoot.optimize.compare.figures import score_text, seconds_text
from surefoot.optimize.compare.hallucination import HALLUCINATION
from surefoot.optimize.compare.result import Comparison
from surefoot.optimize.compare.table import MethodRow, table_rows

_Z = 1.96


@dataclass(frozen=True, slots=True)
class _Value:
    """What was measured of a method: how much, within which half width, over how many questions, and in words."""

    amount: float
    half: float
    n: int
    said: str


def measured_table(
    comparison: Comparison, lang: AdviceLang
) -> tuple[tuple[SideBySide, ...], tuple[str, ...]]:
    """The methods side by side with what was measured, and sentences on where that departs from the rule."""
    rows, said = [], []
    for row, dimension in zip(side_by_side(lang), rule().dimensions, strict=True):
        values = _values(comparison, dimension)
        row = replace(row, measured={method: value.said for method, value in values.items()})
        rows.append(replace(row, verdict=_verdict(dimension, values, lang)))
        against = list(_against(dimension, values, lang))
        if against:
            pairs = word(lang, "evidence.and").join(against)
            name = word(lang, f"dimension.{dimension.key}").split(" (")[0].split("（")[0]
            said.append(word(lang, "evidence.dimension_departs", dimension=name, pairs=pairs))
    return tuple(rows), tuple(said)


def _verdict(dimension: Dimension, values: Mapping[FourMethods, _Value], lang: AdviceLang) -> str:
    signs = [_sign(values[less], values[more]) for less, more in _pairs(dimension, values)]
    if not signs:
        return word(lang, "evidence.row_unmeasured")
    if -1 in signs:
        return word(lang, "evidence.row_departs")
    if 0 not in signs:
        return word(lang, "evidence.row_agrees")
    if all(value.half == 0 for value in values.values()):
        return word(lang, "evidence.row_open_part")
    needed = [
        _needed(values[less], values[more])
        for less, more in _pairs(dimension, values)
        if _sign(values[less], values[more]) == 0
    ]
    most = None if None in needed else max(one for one in needed if one is not None)
    return word(lang, "evidence.row_open", needed=needed_text(most, lang))


def _against(
    dimension: Dimension, values: Mapping[FourMethods, _Value], lang: AdviceLang
) -> Iterator[str]:
    for less, more in _pairs(dimension, values):
        if _sign(values[less], values[more]) < 0:
            yield word(
                lang,
                "evidence.pair",
                more=word(lang, f"method.{more}"),
                less=word(lang, f"method.{less}"),
                more_value=values[more].said,
                less_value=values[less].said,
            )


def _pairs(
    dimension: Dimension, values: Mapping[FourMethods, _Value]
) -> Iterator[tuple[FourMethods, FourMethods]]:
    """Measured methods of which the rule puts the first below the second."""
    for less in values:
        for more in values:
            timed = values[less].half == values[more].half == 0
            same = timed and values[less].amount == values[more].amount
            if dimension.rank(less) < dimension.rank(more) and not same:
                yield less, more


def _sign(less: _Value, more: _Value) -> int:
    """1 where `more` is proven above `less`, -1 where below, 0 where neither is."""
    gap, half = more.amount - less.amount, sqrt(less.half**2 + more.half**2)
    if abs(gap) <= half or not gap:
        return 0
    return 1 if gap > 0 else -1


def _needed(less: _Value, more: _Value) -> int | None:
    """How many more questions would tell the two apart if they differ as seen; None where they do not differ."""
    gap, half = more.amount - less.amount, sqrt(less.half**2 + more.half**2)
    n = min(less.n, more.n)
    if not gap or not half:
        return None
    spread = half * sqrt(n) / _Z
    wanted = questions_needed(gap, spread=spread)
    return None if wanted > 1_000_000 else max(1, wanted - n)


def _values(comparison: Comparison, dimension: Dimension) -> dict[FourMethods, _Value]:
    """What was measured of each method, by the arm of it that scored highest."""
    rows = {row.method: row for row in table_rows(comparison)}
    found: dict[FourMethods, _Value] = {}
    for method, names in rule().arms.items():
        known = [row for arm, row in rows.items() if arm in names]
        best = max(known, key=lambda row: row.quality.value, default=None)
        value = _value(comparison, dimension, best) if best else None
        if value is not None:
            found[method] = value
    return found


def _value(comparison: Comparison, dimension: Dimension, row: MethodRow) -> _Value | None:
    """Seconds, measured once for each seed, have no interval; those of an update count the other way."""
    if dimension.measure == "build_s":
        return _Value(row.build_s, 0.0, 1, seconds_text(row.build_s))
    if dimension.measure == "update_s":
        known = row.update_s
        return None if known is None else _Value(-known, 0.0, 1, seconds_text(known))
    if dimension.measure == "form":
        score = row.quality if metric_of(comparison, "form") else None
    else:
        score = row.scores.get(dimension.measure)
    if score is None or not score.n:
        return None
    if dimension.measure == HALLUCINATION:  # freedom from it is the rest
        score = replace(score, value=1 - score.value, low=1 - score.high, high=1 - score.low)
    return _Value(score.value, (score.high - score.low) / 2, score.n, score_text(score))
