"""Streams the rows of a query on any SQLAlchemy database. Passwords never reach an error."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from surefoot.config.base import KeyName
from surefoot.config.secrets import read_secret
from surefoot.core.errors import (
    ConfigError,
    DataError,
    MissingError,
    MissingExtra,
    SurefootError,
    TransientError,
)
from surefoot.store.readonly.sqlite import open_sqlite

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, CursorResult, Engine

Row = dict[str, Any]

_SHOWN_CHARS = 300
_TIMEOUTS: Mapping[str, tuple[str, ...]] = {
    "psycopg": ("connect_timeout",),
    "psycopg2": ("connect_timeout",),
    "pymysql": ("connect_timeout", "read_timeout"),
    "mysqldb": ("connect_timeout", "read_timeout"),
    "pg8000": ("timeout",),
    "pymssql": ("login_timeout", "timeout"),
}
"""What drivers call the seconds to wait."""
_READ_ONLY: Mapping[str, str] = {
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}


@dataclass(frozen=True, slots=True)
class ForeignDatabase:
    """Where a database is: `url` names the variable that holds its SQLAlchemy URL, or `file` is an SQLite file.

    `where` is what errors call it.
    """

    where: str
    url: KeyName = ""
    file: Path | None = None

    def address(self) -> str:
        """Dialect and host without names and passwords; empty for a file.

        Raises:
            ConfigError: the variable is not set or holds no URL.
        """
        url = self.resolved()
        if url.get_backend_name() == "sqlite":
            return ""
        port = f":{url.port}" if url.port else ""
        return f"{url.get_backend_name()}://{url.host or 'localhost'}{port}"

    def resolved(self) -> URL:
        """The SQLAlchemy URL, its password in it.

        Raises:
            ConfigError: the variable is not set or holds no URL.
        """
        from sqlalchemy import URL, make_url
        from sqlalchemy.exc import ArgumentError

        if self.file is not None:
            return URL.create("sqlite", database=str(self.file))
        try:
            return make_url(read_secret(self.url, self.where, "a database URL"))
        except (ArgumentError, ValueError):
            raise ConfigError(
                f"the variable {self.url.removeprefix('env:')} holds no database URL",
                where=self.where,
                hint="one looks like postgresql+psycopg://name:password@host/database",
            ) from None


def read_rows(
    database: ForeignDatabase,
    query: str,
    values: Mapping[str, Any] | None = None,
    *,
    batch: int = 1000,
    timeout_s: float = 60.0,
    clock: Callable[[], float] = monotonic,
) -> Iterator[Row]:
    """The rows as they come, `batch` at a time, by a transaction that cannot write and is rolled back.

    With `values`, the query names them as `:name`; without, a colon is a colon.

    Raises:
        ConfigError: the address is wrong, or two columns have the same name.
        MissingError: the driver or the file is not there.
        TransientError: the database is out of reach, or it took longer than `timeout_s` in all.
        DataError: it refuses the query.
    """
    url = database.resolved()
    ends = clock() + timeout_s
    with _told(database.where, url), _connection(url, database.where, timeout_s) as connection:
        for rows in _executed(connection, query, values, batch).partitions():
            yield from (row._asdict() for row in rows)
            if clock() > ends:
                raise TransientError(
                    f"took longer than {timeout_s:g} s", where=database.where, hint=_SLOWER
                )


_SLOWER = "raise timeout_s, or ask for less"


@contextmanager
def _connection(url: URL, where: str, timeout_s: float) -> Iterator[Connection]:
    """A connection that can only read; closed, and its transaction rolled back, at the end."""
    from sqlalchemy.exc import SQLAlchemyError

    engine = _engine(url, where, timeout_s)
    try:
        try:
            connection = engine.connect()
        except (SQLAlchemyError, sqlite3.Error, OSError) as problem:
            raise TransientError(
                f"cannot be reached: {_said(problem, url)}", where=where, hint="check the address"
            ) from None
        with connection:
            yield _bound(connection, timeout_s)
            connection.rollback()
    finally:
        engine.dispose()


def _engine(url: URL, where: str, timeout_s: float) -> Engine:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import NoSuchModuleError
    from sqlalchemy.pool import NullPool

    if url.get_backend_name() == "sqlite":
        opened = open_sqlite(url.database or "", where, timeout_s)
        return create_engine("sqlite://", creator=opened, poolclass=NullPool, hide_parameters=True)
    try:
        names = _TIMEOUTS.get(url.get_driver_name(), ())
        return create_engine(
            url,
            connect_args={name: max(2, int(timeout_s)) for name in names},
            poolclass=NullPool,
            hide_parameters=True,
        )
    except NoSuchModuleError:
        raise ConfigError(
            f"{url.drivername} is no database that SQLAlchemy knows",
            where=where,
            hint="such as postgresql+psycopg, mysql+pymysql",
        ) from None
    except ModuleNotFoundError as problem:
        driver = str(problem.name)
        if driver == "psycopg":
            raise MissingExtra(driver, extra="scale", why="reading PostgreSQL") from None
        raise MissingError(
            f"{url.drivername} needs the package {driver}",
            where=where,
            hint=f"pip install {driver}",
        ) from None


def _bound(connection: Connection, timeout_s: float) -> Connection:
    """The connection in a transaction that cannot write; PostgreSQL stops what takes too long by itself."""
    name = connection.dialect.name
    if name == "postgresql":
        bound = connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        bound.exec_driver_sql(f"SET LOCAL statement_timeout = {int(timeout_s * 1000)}")
        return bound
    if name in _READ_ONLY:
        connection.exec_driver_sql(_READ_ONLY[name])
        if name != "oracle":  # there it holds for the transaction that it begins
            connection.rollback()
    return connection


def _executed(
    connection: Connection, query: str, values: Mapping[str, Any] | None, batch: int
) -> CursorResult[Any]:
    from sqlalchemy import text

    if values is None:
        streamed = connection.execution_options(yield_per=batch, no_parameters=True)
        result = streamed.exec_driver_sql(query)
    else:
        result = connection.execution_options(yield_per=batch).execute(text(query), dict(values))
    names = list(result.keys())
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(
            f"the query has two columns named {twice!r}", hint="name one of them with AS"
        )
    return result


@contextmanager
def _told(where: str, url: URL) -> Iterator[None]:
    """Turns what the database says into errors sorted by who must act."""
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    try:
        yield
    except SurefootError as problem:
        problem.where = problem.where or where
        raise
    except DBAPIError as problem:
        said = _said(problem, url)
        lowered = said.lower()
        if any(word in lowered for word in ("timeout", "interrupted", "timed out")):
            raise TransientError(f"took too long: {said}", where=where, hint=_SLOWER) from None
        if problem.connection_invalidated or "locked" in lowered:
            hint = "try again in a moment"
            raise TransientError(f"broke off: {said}", where=where, hint=hint) from None
        raise DataError(f"the query failed: {said}", where=where, hint="mend the query") from None
    except SQLAlchemyError as problem:
        said = _said(problem, url)
        raise DataError(f"the query failed: {said}", where=where, hint="mend the query") from None


def _said(problem: Exception, url: URL) -> str:
    """The first line of what the database or its driver said, without the password."""
    origin = getattr(problem, "orig", None) or problem
    line = next((line for line in str(origin).splitlines() if line.strip()), type(origin).__name__)
    password = str(url.password or "")
    return (line.replace(password, "***") if password else line).strip()[:_SHOWN_CHARS]
