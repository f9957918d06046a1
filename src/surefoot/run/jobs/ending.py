"""How a job has ended: told by its exit code, by what it printed, and by whether somebody ended it."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Any, Final

from surefoot.core.errors import CapReached
from surefoot.run.jobs.folder import read_told
from surefoot.store.jobs import State

_INTERRUPTED: Final = 130
_MOST_CHARS: Final = 2000


def ended(code: int, printed: Any, last: str, stopped: State | None) -> tuple[State, str]:
    """The state, and what went wrong in words.

    `stopped` is what it is where somebody ended it; one that came to its end all the same is done. `last` is the last
    line that it told. A command that left something out or reached a limit is done too.
    """
    problem = printed.get("error") if isinstance(printed, Mapping) else None
    left_out = code == CapReached.exit_code and printed is not None and problem is None
    if code == 0 or (left_out and not stopped):
        return "done", ""
    if stopped:
        return stopped, ""
    if code in (_INTERRUPTED, -signal.SIGINT):
        return "interrupted", ""
    return "failed", _words(code, problem, last)[:_MOST_CHARS]


def _words(code: int, problem: Any, last: str) -> str:
    if isinstance(problem, Mapping):
        where = f"{problem['where']}: " if problem.get("where") else ""
        hint = f" | {problem['hint']}" if problem.get("hint") else ""
        return f"{where}{problem.get('message', '')}{hint}"
    if code == -signal.SIGKILL:
        return "was killed, as the system does where memory runs out"
    note, _ = read_told(last)
    return note or f"ended with {code}"
