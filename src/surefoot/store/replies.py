"""What chat models said about documents, kept so that nothing is asked twice, and gone when no document holds it.

A reply is found by the digest of what was asked. Every document of an index holds the replies that its views were
made from; a reply that nobody holds any more is deleted, and overwritten in the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from surefoot.core.errors import SurefootError
from surefoot.core.types import Usage

FILE = "replies.sqlite"
_WAIT_S = 30.0
_AT_ONCE = 500
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS replies (
    key TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL,
    problem TEXT NOT NULL,
    cut INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cost REAL NOT NULL,
    seconds REAL NOT NULL
) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS holders (
    place TEXT NOT NULL,
    document TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (place, document, key)
) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS ix_holders_key ON holders (key)",
)
_UNHELD = (
    "DELETE FROM replies WHERE NOT EXISTS (SELECT 1 FROM holders WHERE holders.key = replies.key)"
)


@dataclass(frozen=True, slots=True)
class KeptReply:
    """A reply and what it took; `problem` says why there is none. `cut` when it ended at the most tokens allowed."""

    text: str
    problem: str = ""
    cut: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0

    @property
    def usage(self) -> Usage:
        """What it took when it was asked."""
        return Usage(self.prompt_tokens, self.completion_tokens, self.cost, calls=1)


class ReplyBook:
    """The replies of a workspace, in a file that its owner alone reads. Any number of threads may use it at once.

    A `place` is one index: what holds replies for its documents.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._made = False

    @classmethod
    def at(cls, folder: Path) -> ReplyBook:
        """The replies kept in a workspace's inner folder."""
        return cls(folder / FILE)

    @property
    def exists(self) -> bool:
        """Whether anything was ever kept."""
        return self._file.is_file()

    def find(self, keys: Iterable[str]) -> dict[str, KeptReply]:
        """The replies that are kept, by key."""
        wanted = list(dict.fromkeys(keys))
        if not wanted or not self.exists:
            return {}
        found: dict[str, KeptReply] = {}
        with self._open() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(some))
                query = (
                    "SELECT key, text, problem, cut, prompt_tokens, completion_tokens, cost, "
                    f"seconds FROM replies WHERE key IN ({marks})"
                )
                for key, text, problem, cut, *rest in connection.execute(query, some):
                    found[key] = KeptReply(text, problem, bool(cut), *rest)
        return found

    def keep(self, key: str, reply: KeptReply) -> None:
        """Keeps a reply; it stays as long as a document holds its key."""
        columns = asdict(reply)
        names = ", ".join(columns)
        query = f"INSERT OR REPLACE INTO replies (key, {names}) VALUES (?{', ?' * len(columns)})"
        with self._open() as connection:
            connection.execute(query, (key, *columns.values()))

    def hold(self, place: str, held: Mapping[str, Iterable[str]]) -> None:
        """Says which keys each of these documents holds now; what nobody holds any more is deleted."""
        if not self.exists and not any(held.values()):
            return
        with self._open() as connection:
            for document, keys in held.items():
                before = _keys(connection, place, document)
                now = set(keys)
                connection.executemany(
                    "INSERT OR IGNORE INTO holders (place, document, key) VALUES (?, ?, ?)",
                    [(place, document, key) for key in sorted(now - before)],
                )
                _let_go(connection, place, document, before - now)

    def forget(self, place: str, documents: Iterable[str]) -> None:
        """Deletes what these documents alone held."""
        self.hold(place, {document: () for document in documents})

    def documents(self, place: str) -> set[str]:
        """The documents of a place that hold something."""
        if not self.exists:
            return set()
        with self._open() as connection:
            query = "SELECT DISTINCT document FROM holders WHERE place = ?"
            return {row[0] for row in connection.execute(query, (place,))}

    def places(self) -> list[str]:
        """The places that hold something, sorted."""
        if not self.exists:
            return []
        with self._open() as connection:
            return [row[0] for row in connection.execute("SELECT DISTINCT place FROM holders")]

    def purge(self, gone: Sequence[str] = ()) -> int:
        """Deletes what nobody holds once these places are gone; returns how many replies there were."""
        if not self.exists:
            return 0
        with self._open() as connection:
            connection.executemany("DELETE FROM holders WHERE place = ?", [(p,) for p in gone])
            return connection.execute(_UNHELD).rowcount

    def drop(self, keys: Iterable[str]) -> int:
        """Deletes replies, so that they are asked again; returns how many there were."""
        if not self.exists:
            return 0
        with self._open() as connection:
            gone = [(key,) for key in keys]
            return connection.executemany("DELETE FROM replies WHERE key = ?", gone).rowcount

    def count(self) -> int:
        """How many replies are kept."""
        if not self.exists:
            return 0
        with self._open() as connection:
            return int(connection.execute("SELECT count(*) FROM replies").fetchone()[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection for one transaction. Without a log beside it, so that what is deleted stands nowhere else.

        Raises:
            SurefootError: the file cannot be read or written.
        """
        if not self._made:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.touch(mode=0o600)
        connecting = sqlite3.connect(self._file, timeout=_WAIT_S, isolation_level="IMMEDIATE")
        try:
            with closing(connecting) as connection:
                connection.execute("PRAGMA secure_delete = ON")
                if not self._made:
                    for statement in _SCHEMA:
                        connection.execute(statement)
                    self._made = True
                with connection:
                    yield connection
        except sqlite3.OperationalError as problem:
            raise SurefootError(
                f"replies of chat models cannot be kept: {problem}",
                where=str(self._file),
                hint="free some space and see to it that nobody else holds the file",
            ) from problem
        except sqlite3.DatabaseError as problem:
            raise SurefootError(
                f"the file of replies is damaged: {problem}",
                where=str(self._file),
                hint="delete it: what it held is asked again where it is needed",
            ) from problem


def _keys(connection: sqlite3.Connection, place: str, document: str) -> set[str]:
    query = "SELECT key FROM holders WHERE place = ? AND document = ?"
    return {row[0] for row in connection.execute(query, (place, document))}


def _let_go(connection: sqlite3.Connection, place: str, document: str, keys: set[str]) -> None:
    connection.executemany(
        "DELETE FROM holders WHERE place = ? AND document = ? AND key = ?",
        [(place, document, key) for key in sorted(keys)],
    )
    connection.executemany(f"{_UNHELD} AND key = ?", [(key,) for key in sorted(keys)])
