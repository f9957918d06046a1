"""How much a run may use of time, money, calls and trials, and whether it is used up. Spends nothing itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Literal

from surefoot.core.errors import CapReached, ConfigError
from surefoot.core.types import Expense

Limited = Literal["wall_s", "trials", "calls", "dollars"]

_UNITS: dict[str, tuple[Limited, float]] = {
    "s": ("wall_s", 1.0),
    "sec": ("wall_s", 1.0),
    "m": ("wall_s", 60.0),
    "min": ("wall_s", 60.0),
    "h": ("wall_s", 3600.0),
    "trial": ("trials", 1.0),
    "trials": ("trials", 1.0),
    "call": ("calls", 1.0),
    "calls": ("calls", 1.0),
    "usd": ("dollars", 1.0),
    "$": ("dollars", 1.0),
}
_PIECE = re.compile(r"(\$?)(\d+(?:\.\d+)?)([a-z]*\$?)")
_BETWEEN = re.compile(r"[\s,+]+")
_HINT = "such as 15m, 2h, 1h30m, 40trials, 500calls, 3usd, or several: 15m,3usd"


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits; None is none. `wall_s` in seconds, `calls` are chat calls, `dollars` US dollars."""

    wall_s: float | None = None
    trials: float | None = None
    calls: float | None = None
    dollars: float | None = None

    def __str__(self) -> str:
        said = (
            "" if self.wall_s is None else seconds_said(self.wall_s),
            "" if self.trials is None else f"{self.trials:g}trials",
            "" if self.calls is None else f"{self.calls:g}calls",
            "" if self.dollars is None else f"{self.dollars:g}usd",
        )
        return ",".join(part for part in said if part)


def parse_budget(text: str) -> Budget:
    """Reads limits such as `15m`, `1h30m`, `40trials`, `500calls`, `3usd`, `$3`, or several of them.

    Raises:
        ConfigError: it is not such a list, or says one limit twice.
    """
    found: dict[Limited, float] = {}
    for word in _BETWEEN.split(text.strip().lower()):
        here: dict[Limited, float] = {}
        for limited, amount in _pieces(word, text):
            if limited in found or (limited in here and limited != "wall_s"):
                raise ConfigError(f"{text!r} says {limited} twice", where="--budget", hint=_HINT)
            here[limited] = here.get(limited, 0.0) + amount
        found |= here
    return Budget(**found)


class BudgetMeter:
    """Adds up what a run spends and says when a limit is reached. Safe to use from several threads.

    Time runs from the start of the meter by its `clock`, in seconds; the rest is told by `add`.
    """

    def __init__(self, budget: Budget, *, clock: Callable[[], float] = monotonic) -> None:
        self.budget = budget
        self._clock = clock
        self._began = clock()
        self._spent = Expense()
        self._trials = 0.0
        self._lock = Lock()

    def add(self, expense: Expense = Expense(), *, trials: float = 0.0) -> None:
        """Counts what was spent; parts of a trial may be counted one by one."""
        with self._lock:
            self._spent = self._spent + expense
            self._trials += trials

    @property
    def spent(self) -> Expense:
        """What was added so far."""
        return self._spent

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._began

    def left(self) -> Budget:
        """What remains of each limit, never below 0; None where there is no limit."""
        used = self._used()
        remaining = {
            name: None
            if (limit := getattr(self.budget, name)) is None
            else max(0.0, limit - amount)
            for name, amount in used.items()
        }
        return Budget(**remaining)

    def check(self, ahead: Expense = Expense(), *, trials: float = 0.0) -> None:
        """Whether it may go on.

        Raises:
            CapReached: a limit is used up, or what comes next (`ahead`) would go over it.
            ConfigError: money is limited, and what was spent went to an endpoint whose price is not known.
        """
        if self.budget.dollars is not None and self._spent.usage.unpriced:
            raise ConfigError(
                f"the budget of {self.budget} cannot be kept: the price of an endpoint is not known",
                where="--budget",
                hint="set prompt_price and completion_price of its [endpoints.NAME], 0 if it costs nothing",
            )
        coming = _amounts(ahead, trials) | {"wall_s": ahead.wall_s}
        for name, used in self._used().items():
            limit = getattr(self.budget, name)
            if limit is None:
                continue
            if used >= limit or used + coming[name] > limit * (1 + 1e-9):
                raise CapReached(
                    f"the budget of {self.budget} is used up ({_said(name, used)} of {_said(name, limit)})",
                    where="--budget",
                    hint="what is done is kept; go on with a larger budget",
                )

    def _used(self) -> dict[Limited, float]:
        with self._lock:
            return _amounts(self._spent, self._trials) | {"wall_s": self.elapsed_s}


def seconds_said(seconds: float) -> str:
    """A length of time in the form that `parse_budget` reads: `1h30m`, `90s` as `1m30s`."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = (f"{hours:g}h" if hours else "", f"{minutes:g}m" if minutes else "")
    said = "".join(parts) + (f"{left:g}s" if left else "")
    return said or "0s"


def _pieces(word: str, text: str) -> list[tuple[Limited, float]]:
    wrong = ConfigError(f"{text!r} is not a budget", where="--budget", hint=_HINT)
    found: list[tuple[Limited, float]] = []
    place = 0
    while place < len(word) or not found:
        match = _PIECE.match(word, place)
        unit = (match[1] or match[3]) if match else ""
        if match is None or unit not in _UNITS or (match[1] and match[3]):
            raise wrong
        limited, factor = _UNITS[unit]
        found.append((limited, float(match[2]) * factor))
        place = match.end()
    return found


def _amounts(expense: Expense, trials: float) -> dict[Limited, float]:
    return {"trials": trials, "calls": expense.usage.calls, "dollars": expense.usage.cost}


def _said(name: Limited, amount: float) -> str:
    return seconds_said(round(amount)) if name == "wall_s" else f"{amount:g} {name}"
