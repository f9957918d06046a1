"""A training as it runs: a bar, the pace, and the curve of its loss; plain lines where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from surefoot.cli import told_lines
from surefoot.cli.render import safe, say

if TYPE_CHECKING:
    from surefoot.tune.events import Event

_WIDTH, _HEIGHT = 60, 8
_LINES_IN_ALL = 20
Watch = Callable[["Event"], None]


@contextmanager
def watching(name: str, *, quiet: bool) -> Iterator[Watch]:
    """Takes a job's events and shows them on stderr."""
    if told_lines.wanted():
        yield lambda event: _tell(name, event)
        return
    if quiet:
        yield _nothing
        return
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.live import Live

    picture = Picture(name)
    with Live(console=Console(stderr=True), transient=False, refresh_per_second=4) as live:

        def show(event: Event) -> None:
            picture(event)
            live.update(picture.drawn())

        yield show


class Lines:
    """One line for each message and look at the dev rows, and about twenty for the steps."""

    def __init__(self) -> None:
        self._told = -1

    def __call__(self, event: Event) -> None:
        """Tells the event, if it is worth a line."""
        if event.message:
            say(event.message)
        elif event.dev_loss is not None or self._is_due(event):
            self._told = event.step
            say(told(event))

    def _is_due(self, event: Event) -> bool:
        if event.loss is None:
            return False
        apart = max(1, event.steps // _LINES_IN_ALL)
        return event.step in (1, event.steps) or event.step >= self._told + apart


class Picture:
    """The state of a training as a text of some lines, for a terminal."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._message = ""
        self._last: Event | None = None
        self._loss: list[tuple[int, float]] = []
        self._dev: list[tuple[int, float]] = []

    def __call__(self, event: Event) -> None:
        """Takes an event in."""
        self._message = safe(event.message) or self._message
        self._last = event if event.step or event.steps else self._last
        if event.loss is not None:
            self._loss.append((event.step, event.loss))
        if event.dev_loss is not None:
            self._dev.append((event.step, event.dev_loss))

    def drawn(self) -> Any:
        """What there is to see now."""
        from rich.text import Text

        lines = [f"{self._name}: {self._message}"]
        if self._last is not None and self._loss:
            latest = self._last.model_copy(
                update={"dev_loss": self._dev[-1][1] if self._dev else None}
            )
            latest = latest.model_copy(update={"loss": self._loss[-1][1]})
            lines += curve(self._loss, self._dev, self._last.steps)
            lines.append(told(latest))
        return Text("\n".join(lines))


def told(event: Event) -> str:
    """How far it is, in a line."""
    words = [f"step {event.step}/{event.steps}"]
    words += [f"loss {event.loss:.3f}"] if event.loss is not None else []
    words += [f"dev loss {event.dev_loss:.3f}"] if event.dev_loss is not None else []
    words += [f"{event.tokens_per_s:.0f} tokens/s"] if event.tokens_per_s else []
    words += [f"{event.peak_mib:,.0f} MiB"] if event.peak_mib else []
    left = event.seconds_left
    words += [f"time left {_duration(left)}"] if left else []
    return "  ".join(words)


def curve(
    loss: Sequence[tuple[int, float]], dev: Sequence[tuple[int, float]], steps: int
) -> list[str]:
    """The losses over the steps, `.` for those of training and `o` for the dev rows; the scale stands on the left."""
    values = [value for _, value in (*loss, *dev)]
    low, high = min(values), max(values)
    grid = [[" "] * _WIDTH for _ in range(_HEIGHT)]
    for mark, points in ((".", loss), ("o", dev)):
        for step, value in points:
            column = min(_WIDTH - 1, (step - 1) * _WIDTH // max(1, steps))
            share = (high - value) / (high - low) if high > low else 0.0
            grid[round(share * (_HEIGHT - 1))][max(0, column)] = mark
    scale = [f"{high:8.3f}", *[" " * 8] * (_HEIGHT - 2), f"{low:8.3f}"]
    return [f"{at} |{''.join(row).rstrip()}" for at, row in zip(scale, grid, strict=True)]


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _tell(name: str, event: Event) -> None:
    """An event as a line for programs."""
    if event.message:
        told_lines.tell(note=safe(event.message))
    if event.step:
        left = event.seconds_left
        how_far = {"title": name, "done": event.step, "total": event.steps, "detail": told(event)}
        how_far |= {"seconds_left": None if left is None else round(left, 1)}
        told_lines.tell(progress=how_far | {"loss": event.loss, "dev_loss": event.dev_loss})


def _nothing(event: Event) -> None:
    del event
