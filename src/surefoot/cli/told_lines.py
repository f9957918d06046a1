"""Progress and notes as lines of JSON on stderr, for the program that began a command: `SUREFOOT_PROGRESS=json`.

`{"note": TEXT}`, and `{"progress": {"title", "done", "total", "detail", "seconds_left"}}`, beside `--json` too. A
training adds its `loss` and `dev_loss`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

VARIABLE: Final = "SUREFOOT_PROGRESS"
_APART_S: Final = 0.2


def wanted() -> bool:
    """Whether a program reads what is told."""
    return os.environ.get(VARIABLE) == "json"


def tell(**line: Any) -> None:
    """Writes a line."""
    sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stderr.flush()


class ToldProgress:
    """Takes what a bar takes and tells it, the last step always and others some times a second."""

    def __init__(self, title: str, clock: Callable[[], float] = monotonic) -> None:
        self._title = title
        self._clock = clock
        self._began = clock()
        self._first: int | None = None
        self._last: tuple[float, str] = (float("-inf"), "")

    def __call__(self, done: int, total: int, detail: str = "") -> None:
        """Tells how far it is, with the seconds left at the pace so far."""
        now = self._clock()
        if self._first is None:
            self._first, self._began = done, now
        at, said = self._last
        if now - at < _APART_S and not (done == total and said != f"{done}/{total}"):
            return
        self._last = (now, f"{done}/{total}")
        passed = done - self._first
        left = (now - self._began) / passed * (total - done) if passed > 0 and total else None
        told = {"title": self._title, "done": done, "total": total, "detail": detail}
        tell(progress=told | {"seconds_left": None if left is None else round(left, 1)})
