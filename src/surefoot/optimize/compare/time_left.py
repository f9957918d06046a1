"""How long a comparison still takes: what was foreseen of each arm, at the paces seen since it began."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final, Literal

from surefoot.optimize.compare.forecast import ArmForecast
from surefoot.optimize.compare.settings import Doing

_Part = Literal["make", "ask"]
_PARTS: Final[dict[Doing, _Part]] = {
    "preparing": "make",
    "training": "make",
    "exporting": "make",
    "asking": "ask",
    "measuring": "ask",
}


class TimeLeft:
    """Told what is being done, counts the seconds of making and of asking apart: each has its own pace.

    `made` and `asked` are places of arms (from 0) that were ready, or asked, before: they take no time and set no pace.
    """

    def __init__(
        self, told: Sequence[ArmForecast], made: Collection[int] = (), asked: Collection[int] = ()
    ) -> None:
        self._told: dict[_Part, list[float]] = {
            "make": [0.0 if at in made else one.make_s for at, one in enumerate(told)],
            "ask": [0.0 if at in asked else one.ask_s for at, one in enumerate(told)],
        }
        self._spent: dict[tuple[_Part, int], float] = defaultdict(float)
        self._last: tuple[_Part, int] | None = None
        self._seen_s = 0.0

    def seconds(self, doing: Doing, at: int, elapsed_s: float) -> float:
        """Seconds left when, `elapsed_s` after the beginning, the arm at this place is being worked on."""
        if self._last is not None:
            self._spent[self._last] += elapsed_s - self._seen_s
        self._seen_s = elapsed_s
        part = _PARTS.get(doing)
        self._last = None if part is None else (part, at)
        ended: dict[_Part, int] = {"make": at + (part == "ask"), "ask": at}
        return sum(self._left(name, first, at) for name, first in ended.items())

    def _left(self, part: _Part, first: int, at: int) -> float:
        """Of this part, whose places before `first` have ended."""
        told, pace = self._told[part], self._pace(part, first)
        now = max(0.0, told[at] * pace - self._spent[part, at]) if first <= at < len(told) else 0.0
        return now + pace * sum(told[at + 1 :])

    def _pace(self, part: _Part, ended: int) -> float:
        """Seconds that a foreseen second took so far; 1 where nothing has ended yet."""
        places = [at for at, seconds in enumerate(self._told[part][:ended]) if seconds]
        if not places:
            return 1.0
        taken = sum(self._spent[part, at] for at in places)
        return taken / sum(self._told[part][at] for at in places)
