"""Lays out the two plots of a report in SVG units: quality over cost, and an interval on a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from surefoot.core.types import Score
from surefoot.optimize.report.page import Role, Solution, Unit

WIDTH, HEIGHT = 760, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 24, 16, 48
_LABEL = 15  # vertical room of a label
_PAINTED = ("chosen", "present", "baseline", "frontier", "other")
"""Labels are placed, and dots lie on top, in this order."""
_NAMED = ("chosen", "present", "baseline")
_STEPS = (1.0, 2.0, 5.0)
BAR = 220


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A solution in the plot; `label_y` is moved where labels would touch."""

    x: float
    y: float
    low_y: float
    high_y: float
    role: Role
    label: str
    title: str
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything that the template draws."""

    dots: tuple[Dot, ...]
    line: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    unit: Unit
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval on a line of `BAR` units, and where 0 (or nothing) stands."""

    low: float
    high: float
    value: float
    zero: float | None
    width: int = BAR


def frontier_plot(solutions: Sequence[Solution]) -> Plot | None:
    """Quality with its interval over the cost of a question, on a log scale; None for fewer than two solutions."""
    shown = [one for one in solutions if one.quality.n]
    if len(shown) < 2:
        return None
    unit: Unit = "usd" if any(one.usd for one in shown) else "ms"
    costs = [max(_cost(one, unit), 1e-6) for one in shown]
    xs = Axis(log10(min(costs)), log10(max(costs)), _LEFT, WIDTH - _RIGHT)
    ys = Axis(
        min(one.quality.low for one in shown),
        max(one.quality.high for one in shown),
        HEIGHT - _BOTTOM,
        _TOP,
    )
    points = [(xs.at(log10(cost)), one) for cost, one in zip(costs, shown, strict=True)]
    ahead = sorted(
        ((x, one) for x, one in points if one.role != "other" and _leads(one, shown, unit)),
        key=lambda point: point[0],
    )
    line = " ".join(f"{x:.1f},{ys.at(one.quality.value):.1f}" for x, one in ahead)
    return Plot(
        dots=_dots(points, ys),
        line=line if len(ahead) > 1 else "",
        x_ticks=tuple(_cost_ticks(xs, unit)),
        y_ticks=tuple(axis_ticks(ys)),
        unit=unit,
    )


def interval_bar(score: Score, scores: Sequence[Score], *, zero: bool = False) -> Bar | None:
    """An interval on the scale that all of `scores` share; `zero` puts 0 on it."""
    if not score.n:
        return None
    ends = [end for one in scores if one.n for end in (one.low, one.high)]
    low, high = min(ends), max(ends)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    axis = Axis(low, high, 4, BAR - 4)
    return Bar(
        axis.at(score.low), axis.at(score.high), axis.at(score.value), axis.at(0) if zero else None
    )


class Axis:
    """A linear scale from `low` to `high` with some room at both ends, drawn from `start` to `end`."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        room = (high - low) * 0.06 or 0.05
        self.low, self.high = low - room, high + room
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        """Where a value is drawn."""
        share = (value - self.low) / (self.high - self.low)
        return round(self._start + share * (self._end - self._start), 1)


def _cost(solution: Solution, unit: Unit) -> float:
    return solution.usd if unit == "usd" else solution.latency_ms


def _leads(one: Solution, all_: Sequence[Solution], unit: Unit) -> bool:
    """Whether nothing is as good and as cheap, and better in one of the two."""
    quality, cost = one.quality.value, _cost(one, unit)
    return not any(
        other.quality.value >= quality
        and _cost(other, unit) <= cost
        and (other.quality.value > quality or _cost(other, unit) < cost)
        for other in all_
    )


def _dots(points: Sequence[tuple[float, Solution]], ys: Axis) -> tuple[Dot, ...]:
    taken: list[tuple[float, float]] = []
    dots = []
    for x, one in sorted(points, key=lambda point: _PAINTED.index(point[1].role)):
        score, y = one.quality, ys.at(one.quality.value)
        named = one.named or one.role in _NAMED
        anchor = "end" if x > WIDTH * 0.6 else "start"
        label_y = _free(x, y, taken) if named else y
        dots.append(
            Dot(
                x=x,
                y=y,
                low_y=ys.at(score.low),
                high_y=ys.at(score.high),
                role=one.role,
                label=one.label if named else "",
                title=f"{one.label}: {score.value:.3f} ({score.low:.3f}–{score.high:.3f}), {one.latency_ms:.0f} ms",
                label_x=x - 12 if anchor == "end" else x + 12,
                label_y=label_y + 4,
                anchor=anchor,
            )
        )
    return tuple(reversed(dots))


def _free(x: float, y: float, taken: list[tuple[float, float]]) -> float:
    """The nearest height at which no label stands yet."""
    for shift in (way * step * _LABEL for step in range(6) for way in (1, -1)):
        if all(
            abs(y + shift - other) >= _LABEL or abs(x - far) > WIDTH / 3 for far, other in taken
        ):
            taken.append((x, y + shift))
            return y + shift
    return y


def axis_ticks(axis: Axis, *, least: float = 0.0) -> list[Tick]:
    """At most eight round numbers on an axis, not nearer to each other than `least`."""
    span = axis.high - axis.low
    step = 10 ** floor(log10(span))
    step = next((step * part for part in (0.1, 0.2, 0.5, 1.0) if span / (step * part) <= 7), step)
    step = max(step, least)
    first = ceil(axis.low / step)
    values = [n * step for n in range(first, floor(axis.high / step) + 1)]
    places = max(0, -floor(log10(step)))
    return [Tick(axis.at(value), f"{value:.{places}f}") for value in values]


def _cost_ticks(axis: Axis, unit: Unit) -> list[Tick]:
    """1, 2 and 5 times the powers of ten; where the costs lie too near for two of them, round numbers between."""
    powers = range(floor(axis.low), ceil(axis.high) + 1)
    values = [step * 10.0**power for power in powers for step in _STEPS]
    inside = [value for value in values if axis.low <= log10(value) <= axis.high]
    if len(inside) < 2:
        low, high = 10.0**axis.low, 10.0**axis.high
        step = 10.0 ** floor(log10(high - low))
        step = next((step * part for part in (0.2, 0.5) if (high - low) / (step * part) <= 6), step)
        inside = [n * step for n in range(ceil(low / step), floor(high / step) + 1)]
    sign = "$" if unit == "usd" else ""
    return [Tick(axis.at(log10(value)), f"{sign}{value:.6g}") for value in inside]
