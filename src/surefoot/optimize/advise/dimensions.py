"""The seven dimensions of the rule of thumb beside what a comparison measured of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import sqrt
from statistics import fmean

from surefoot.evaluate.stats import questions_needed
from surefoot.evaluate.stats.sayings import needed_text
from surefoot.optimize.advise.interview import AdviceLang
from surefoot.optimize.advise.rule import Dimension, FourMethods, rule
from surefoot.optimize.advise.saying import number, seconds_said
from surefoot.optimize.advise.table import SideBySide, side_by_side
from surefoot.optimize.advise.words import word
from surefoot.optimize.compare.result import ArmResult, Comparison, Method

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
    if dimension.figure:
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
            same = dimension.figure and values[less].amount == values[more].amount
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
    means = {one.method: one.score.value for one in comparison.joined}
    found: dict[FourMethods, _Value] = {}
    for method, names in rule().arms.items():
        known: list[Method] = [arm for arm in means if arm in names]
        if not known:
            continue
        best = max(known, key=lambda arm: means[arm])
        value = _value(comparison, dimension, best)
        if value is not None:
            found[method] = value
    return found


def _value(comparison: Comparison, dimension: Dimension, method: Method) -> _Value | None:
    arms = comparison.of(method)
    if dimension.figure:
        return _figure(dimension, arms)
    for metric in dimension.metrics:
        found = _score(comparison, metric, method)
        if found is not None:
            turn = -1 if metric in dimension.reversed else 1
            return replace(found, amount=turn * found.amount)
    return None


def _figure(dimension: Dimension, arms: tuple[ArmResult, ...]) -> _Value | None:
    """Seconds, measured once for each seed: they have no interval. Those of flexibility count the other way."""
    if dimension.figure == "build_s":
        amounts = [arm.build.wall_s for arm in arms]
        return _Value(fmean(amounts), 0.0, len(amounts), seconds_said(fmean(amounts)))
    updates = [arm.service.update_s for arm in arms if arm.service.update_s is not None]
    if not updates:
        return None
    return _Value(-fmean(updates), 0.0, len(updates), seconds_said(fmean(updates)))


def _score(comparison: Comparison, metric: str, method: Method) -> _Value | None:
    """The mean over the method's seeds, with the widest of their intervals."""
    if metric == "headline":
        joined = next(one.score for one in comparison.joined if one.method == method)
        scores = [joined]
    else:
        scores = [one for arm in comparison.of(method) if (one := arm.score(metric)) is not None]
    if not scores:
        return None
    value = fmean(one.value for one in scores)
    half = max((one.high - one.low) / 2 for one in scores)
    low, high = min(one.low for one in scores), max(one.high for one in scores)
    return _Value(value, half, scores[0].n, f"{number(value)}, {number(low)}–{number(high)}")
