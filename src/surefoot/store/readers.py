"""Keeps a table of texts for each set of documents that somebody may read, in memory, with statistics of its own.

Full-text scores follow from how often words occur in the whole table, and from its past: rows that were replaced
count until it is compacted. A table that is made new and holds one set of documents alone tells of no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple

from surefoot.core.digest import digest_json
from surefoot.core.errors import TransientError
from surefoot.store.calls import connect, wait
from surefoot.store.remembered import Remembered
from surefoot.store.sql import all_of
from surefoot.store.tables import HEADS, text_indexes

KEPT_TABLES = 32
"""Tables that are kept at most; those that were not asked for longest go."""
KEPT_CHUNKS = 200_000
"""Chunks and other views that all kept tables hold together at most; the newest one is kept whatever it holds."""
_LEFT_OUT = ("id", "version", "vector", "state", "term_hashes", "term_counts", "entities")
_TEXTS = f"NOT ({HEADS})"
_TRIES = 5


class _Head(NamedTuple):
    """A document as it stands in the table; its row moves when it is written again."""

    document_id: str
    version: str
    state: str
    row: int


@dataclass(frozen=True, slots=True)
class ReaderTable:
    """The texts of one set of documents; `table` is None where they have none."""

    heads: frozenset[_Head]
    rows: int
    table: Any | None


class ReaderTables:
    """Makes tables when they are first asked for; one that holds what was changed or removed goes at once."""

    def __init__(self, passages: Any, *, views: bool) -> None:
        self._passages = passages
        self._views = views
        self._heads: Remembered[tuple[str, frozenset[_Head]]] = Remembered()
        self._held: dict[str, ReaderTable] = {}
        self._swept = -1
        self._lock, self._making = Lock(), Lock()

    def of(self, condition: str) -> ReaderTable:
        """The table of the documents for which the condition holds, as they are now.

        Raises:
            TransientError: documents were written all the while.
        """
        for _ in range(_TRIES):
            version: int = wait(self._passages.version())
            name, heads = self._heads.get(version, condition, lambda: self._named(condition))
            found = self._known(name, version)
            if found is not None:
                return found
            with self._making:
                found = self._known(name, version) or self._made(heads, condition)
            if wait(self._passages.version()) == version:
                self._keep(name, found)
                return found
        raise TransientError("documents are being written", hint="ask again")

    def clear(self) -> None:
        """Lets all tables go."""
        with self._lock:
            self._held, self._swept = {}, -1
        self._heads.clear()

    def _known(self, name: str, version: int) -> ReaderTable | None:
        live = None if version == self._swept else self._read(None)
        with self._lock:
            if live is not None:
                self._held = {key: one for key, one in self._held.items() if one.heads <= live}
                self._swept = version
            found = self._held.pop(name, None)
            if found is not None:
                self._held[name] = found
            return found

    def _keep(self, name: str, table: ReaderTable) -> None:
        with self._lock:
            self._held.pop(name, None)
            self._held[name] = table
            while len(self._held) > 1 and (
                len(self._held) > KEPT_TABLES
                or sum(one.rows for one in self._held.values()) > KEPT_CHUNKS
            ):
                del self._held[next(iter(self._held))]

    def _named(self, condition: str) -> tuple[str, frozenset[_Head]]:
        heads = self._read(condition)
        return digest_json(sorted(heads)), heads

    def _read(self, condition: str | None) -> frozenset[_Head]:
        query = self._passages.query().where(all_of([HEADS, condition]))
        query = query.select(["document_id", "version", "state"]).with_row_id()
        rows = wait(query.to_arrow()).to_pylist()
        return frozenset(
            _Head(row["document_id"], row["version"], row["state"], row["_rowid"]) for row in rows
        )

    def _made(self, heads: frozenset[_Head], condition: str) -> ReaderTable:
        names: Sequence[str] = wait(self._passages.schema()).names
        kept = [name for name in names if name not in _LEFT_OUT]
        query = self._passages.query().where(all_of([_TEXTS, condition])).select(kept)
        data = wait(query.to_arrow())
        if not data.num_rows:
            return ReaderTable(heads, 0, None)
        # In one order, whatever the order of writing: of texts that score the same, the first are found.
        data = data.sort_by([("document_id", "ascending"), ("number", "ascending")])
        table = wait(connect("memory://", None).create_table("texts", data=data))
        text_indexes(table, views=self._views)
        return ReaderTable(heads, data.num_rows, table)
