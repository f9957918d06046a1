"""The database behind the ledger: SQLite through Python's own module, any other by SQLAlchemy.

Both take plain SQL with values named `:name`. A process that writes one trace need not import SQLAlchemy, which
costs 0.2 s of processor time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Engine

Values = Mapping[str, Any]
_SQLITE = "sqlite:///"
_WAIT_S = 10.0
_SCHEMA_LOCK = 731_905_511
"""Any number of our own: processes that make the tables at once wait for each other on it."""


class Database(Protocol):
    """Takes changes and answers queries; any number of threads may use it at once."""

    def change(self, *changes: tuple[str, Sequence[Values]]) -> None:
        """Runs each statement once for each of its values, all in one transaction."""

    def read(self, query: str, values: Values) -> list[dict[str, Any]]:
        """The rows of a query."""

    def compact(self) -> None:
        """Leaves nothing of deleted rows in files of our own; a database server sees to its files itself."""

    def close(self) -> None:
        """Closes the connections."""


def open_database(url: str, schema: Sequence[str]) -> Database:
    """The database at an SQLAlchemy URL; connects when first used and then runs the statements of the schema."""
    if url.startswith(_SQLITE) and "?" not in url:
        return _Sqlite(url.removeprefix(_SQLITE), schema)
    return _Other(url, schema)


class _Sqlite:
    """A connection a call: it costs less than a tenth of a millisecond, and no thread waits for another's.

    Writers of several processes wait for each other; the write-ahead log lets readers go on meanwhile.
    """

    def __init__(self, file: str, schema: Sequence[str]) -> None:
        self._file = file
        self._schema = schema
        self._made = False

    def change(self, *changes: tuple[str, Sequence[Values]]) -> None:
        with closing(self._connect()) as connection, connection:
            for statement, rows in changes:
                connection.executemany(statement, rows)

    def read(self, query: str, values: Values) -> list[dict[str, Any]]:
        with closing(self._connect()) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]

    def compact(self) -> None:
        with closing(self._connect()) as connection:
            connection.isolation_level = None
            for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                connection.execute(statement).fetchall()

    def close(self) -> None:
        self._made = False

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=_WAIT_S, isolation_level="IMMEDIATE")
        if not self._made:
            for statement in ("PRAGMA journal_mode = WAL", *self._schema):
                connection.execute(statement)
            connection.commit()
            self._made = True
        return connection


class _Other:
    def __init__(self, url: str, schema: Sequence[str]) -> None:
        self._url = url
        self._schema = schema
        self._engine: Engine | None = None
        self._lock = Lock()

    def change(self, *changes: tuple[str, Sequence[Values]]) -> None:
        from sqlalchemy import text

        with self._connect().begin() as connection:
            for statement, rows in changes:
                connection.execute(text(statement), [dict(row) for row in rows])

    def read(self, query: str, values: Values) -> list[dict[str, Any]]:
        from sqlalchemy import text

        with self._connect().connect() as connection:
            return [dict(row) for row in connection.execute(text(query), dict(values)).mappings()]

    def compact(self) -> None:
        return None

    def close(self) -> None:
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    def _connect(self) -> Engine:
        from sqlalchemy import create_engine, text

        with self._lock:
            if self._engine is None:
                engine = create_engine(self._url)
                with engine.begin() as connection:
                    if (
                        engine.dialect.name == "postgresql"
                    ):  # there, IF NOT EXISTS fails beside another
                        connection.execute(text(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})"))
                    for statement in self._schema:
                        connection.execute(text(statement))
                self._engine = engine
            return self._engine
