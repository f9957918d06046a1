"""Lays out the losses of a training over its steps in SVG units, both lines on one scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from surefoot.optimize.report.plot import Axis, Tick, axis_ticks

_WIDTH: Final = 760
_HEIGHT: Final = 260
_LEFT: Final = 56
_RIGHT: Final = 24
_TOP: Final = 20
_BOTTOM: Final = 44


@dataclass(frozen=True, slots=True)
class LossPoint:
    """A step of a training with what was measured there; `dev` is the loss on rows that were kept back."""

    step: int
    loss: float | None = None
    dev: float | None = None


@dataclass(frozen=True, slots=True)
class LossPlot:
    """Everything that the template draws: two lines, the marks of the rows kept back, and the least of them."""

    line: str
    dev_line: str
    dev_marks: tuple[tuple[float, float], ...]
    best: LossPoint | None
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    width: int = _WIDTH
    height: int = _HEIGHT
    left: int = _LEFT
    right: int = _WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = _HEIGHT - _BOTTOM


def loss_plot(points: Iterable[LossPoint]) -> LossPlot | None:
    """The losses over the steps; None where there are fewer than two steps with a loss."""
    shown = sorted(points, key=lambda one: one.step)
    loss = [(one.step, one.loss) for one in shown if one.loss is not None]
    dev = [(one.step, one.dev) for one in shown if one.dev is not None]
    values = [value for _, value in (*loss, *dev)]
    steps = {step for step, _ in (*loss, *dev)}
    if len(steps) < 2:
        return None
    xs = Axis(min(steps), max(steps), _LEFT, _WIDTH - _RIGHT)
    ys = Axis(min(values), max(values), _HEIGHT - _BOTTOM, _TOP)
    marks = tuple((xs.at(step), ys.at(value)) for step, value in dev)
    return LossPlot(
        line=_line(xs, ys, loss),
        dev_line=_line(xs, ys, dev),
        dev_marks=marks,
        best=min(
            (one for one in shown if one.dev is not None),
            key=lambda one: one.dev or 0,
            default=None,
        ),
        x_ticks=tuple(axis_ticks(xs, least=1)),
        y_ticks=tuple(axis_ticks(ys)),
    )


def _line(xs: Axis, ys: Axis, points: Sequence[tuple[int, float]]) -> str:
    """The points of a line; empty for fewer than two."""
    if len(points) < 2:
        return ""
    return " ".join(f"{xs.at(step):.1f},{ys.at(value):.1f}" for step, value in points)
