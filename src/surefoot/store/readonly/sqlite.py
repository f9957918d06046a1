"""Opens an SQLite file so that nothing can be written through it, whatever the query says."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from surefoot.core.errors import MissingError

_READ = frozenset(("data_version", "page_size", "read_uncommitted"))
"""What full-text tables and SQLAlchemy ask of a database; with a value it would be set."""
_STEPS = 100_000
"""Instructions of SQLite's machine between two looks at the clock."""
_WAIT_S = 10.0


def open_sqlite(
    file: str, where: str, timeout_s: float, clock: Callable[[], float] = monotonic
) -> Callable[[], sqlite3.Connection]:
    """Opens the file, when called, for reading alone; a query that takes longer than `timeout_s` is interrupted.

    Raises:
        MissingError: there is no such file.
    """
    path = Path(file)
    if not path.is_file():
        raise MissingError("there is no such file", where=where, hint=f"check the path {file}")

    def opened() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=min(_WAIT_S, timeout_s)
        )
        ends = clock() + timeout_s
        connection.text_factory = _text
        connection.execute("PRAGMA query_only = ON")
        connection.set_authorizer(_allowed)
        connection.set_progress_handler(lambda: int(clock() > ends), _STEPS)
        return connection

    return opened


def _allowed(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Keeps to the one file, which is open for reading alone: no other file, no setting, no library."""
    away = action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH)
    setting = action == sqlite3.SQLITE_PRAGMA and (first not in _READ or second is not None)
    loading = action == sqlite3.SQLITE_FUNCTION and second == "load_extension"
    return sqlite3.SQLITE_DENY if away or setting or loading else sqlite3.SQLITE_OK


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")
