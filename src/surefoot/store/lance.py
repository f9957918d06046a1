"""The index on LanceDB: one table of passages a recipe, one table of documents, in a folder or on object storage.

A document's live version is the one that its head row names. `replace` writes the documents' rows
first and then puts head rows and passages in place in one commit, so that readers see the old or the new.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from surefoot.core.crash import crash_point
from surefoot.core.digest import corpus_version
from surefoot.core.errors import DataError, MissingError, TransientError
from surefoot.core.roles import DocumentState, IndexedDocument, Scope
from surefoot.core.types import Chunk, Document, Hit
from surefoot.store.frequencies import TermCounts, count_terms
from surefoot.store.rows import (
    chunk_of,
    document_of,
    document_row,
    passage_rows,
    state_of,
    to_arrow,
    version_of,
)
from surefoot.store.schema import CHUNK_COLUMNS, MetaColumn, Recipe, arrow_type, meta_column
from surefoot.store.sql import all_of, any_value, quoted, scope_sql
from surefoot.store.tables import Tables
from surefoot.store.textquery import keyword_query

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

__all__ = ["LanceIndex", "Recipe", "open_index"]

_HEADS = "number = -1"
_PASSAGES = "number >= 0"
_PAGE = 256
_TRIES = 5


def open_index(
    location: str,
    recipe: Recipe,
    *,
    storage_options: Mapping[str, str] | None = None,
    read_only: bool = False,
) -> LanceIndex:
    """Opens the index of a recipe in a folder or at an `s3://` URL; a writer makes it where there is none.

    Raises:
        MissingError: opened for reading, and nothing is indexed there.
    """
    tables = Tables(str(location), storage_options=storage_options, read_only=read_only)
    return LanceIndex(tables, recipe)


class LanceIndex:
    """An `Index` of one recipe. Every read sees the newest commit of any process."""

    def __init__(self, tables: Tables, recipe: Recipe) -> None:
        self.tables = tables
        self.recipe = recipe
        self._documents, self._passages = tables.passages_of(recipe)
        self._counted: tuple[int, TermCounts] | None = None
        self._versioned: tuple[int, str] | None = None

    # ── searching ───────────────────────────────────────────────────────────────────────────────

    def keyword(self, text: str, *, limit: int, scope: Scope = Scope()) -> list[Hit]:
        """The best chunks by BM25, best first; statistics are those of the whole corpus."""
        query = keyword_query(text, "indexed_text")
        condition = self._condition(scope)
        if query is None or limit < 1:
            return []
        search = self._passages.search(query).select([*CHUNK_COLUMNS, "_score"]).limit(limit)
        rows = _scoped(search, condition).to_arrow().to_pylist()
        return [_hit(row, row["_score"], "keyword", "bm25") for row in rows]

    def vector(self, vector: Vectors, *, limit: int, scope: Scope = Scope()) -> list[Hit]:
        """The nearest chunks by cosine, best first."""
        condition = self._condition(scope)
        if limit < 1:
            return []
        search = (
            self._passages.search(vector, vector_column_name="vector")
            .distance_type("cosine")
            .select([*CHUNK_COLUMNS, "_distance"])
            .limit(limit)
        )
        rows = _scoped(search, condition).to_arrow().to_pylist()
        return [_hit(row, 1.0 - row["_distance"], "vector", "cosine") for row in rows]

    def vectors(self, chunk_ids: Sequence[str]) -> Vectors:
        """The stored vectors of these chunks, in their order (n x dimensions)."""
        import numpy as np

        rows = self._rows(any_value("id", list(dict.fromkeys(chunk_ids))), ["id", "vector"])
        found = {row["id"]: row["vector"] for row in rows}
        missing = [chunk_id for chunk_id in chunk_ids if chunk_id not in found]
        if missing:
            raise MissingError(f"there is no chunk {missing[0]!r}")
        matrix = np.array([found[chunk_id] for chunk_id in chunk_ids], np.float32)
        return matrix.reshape(len(chunk_ids), self.recipe.dimensions)

    def frequencies(self, terms: Sequence[str]) -> tuple[list[int], int]:
        """In how many chunks each term occurs, and how many chunks there are, over the whole corpus."""
        version = self._passages.version
        if self._counted is None or self._counted[0] != version:
            self._counted = (version, count_terms(self._passages))
        counts = self._counted[1]
        return counts.of(terms), counts.chunks

    # ── reading ─────────────────────────────────────────────────────────────────────────────────

    def chunks(
        self, document_id: str, *, first: int = 0, last: int | None = None, scope: Scope = Scope()
    ) -> list[Chunk]:
        """The document's chunks with `first <= index <= last`, in order."""
        place = f"document_id = {quoted(document_id)} AND number >= {max(int(first), 0)}"
        if last is not None:
            place += f" AND number <= {int(last)}"
        rows = self._rows(all_of([place, self._condition(scope)]), list(CHUNK_COLUMNS))
        return [chunk_of(row) for row in sorted(rows, key=lambda row: row["number"])]

    def document(self, document_id: str, *, scope: Scope = Scope()) -> Document | None:
        """The live version of a document that was read."""
        place = f"{_HEADS} AND document_id = {quoted(document_id)}"
        found = list(self._read(all_of([place, self._condition(scope)])))
        return found[0] if found else None

    def documents(self, *, scope: Scope = Scope()) -> Iterator[Document]:
        """The documents that were read, ordered by id."""
        yield from self._read(all_of([_HEADS, self._condition(scope)]))

    def states(self) -> Iterator[DocumentState]:
        """Every document known, failed and empty ones too, ordered by id."""
        rows = self._rows(_HEADS, ["document_id", "state"])
        for row in sorted(rows, key=lambda row: row["document_id"]):
            yield state_of(row["state"])

    def version(self) -> str:
        """The corpus version: the hash of the sorted digests of the documents that were read."""
        table_version = self._passages.version
        if self._versioned is None or self._versioned[0] != table_version:
            digests = (state.digest for state in self.states() if state.status == "ok")
            self._versioned = (table_version, corpus_version(digests))
        return self._versioned[1]

    # ── writing ─────────────────────────────────────────────────────────────────────────────────

    def writing(self) -> AbstractContextManager[None]:
        """Holds the location's writer lock over several changes."""
        return self.tables.writing()

    def replace(self, batch: Sequence[IndexedDocument]) -> None:
        """Puts each document in the place of its former version, in one commit.

        Raises:
            DataError: a document stands twice in the batch, or its passages do not fit it.
            TransientError: another process is writing.
        """
        if not batch:
            return
        ids = [item.document.id for item in batch]
        if len(set(ids)) != len(ids):
            raise DataError("a document stands twice in one batch")
        versions = [version_of(item) for item in batch]
        rows = [
            row
            for item, version in zip(batch, versions, strict=True)
            for row in passage_rows(item, version, self.recipe)
        ]
        with self.writing():
            self._add_columns({name for row in rows for name in row})
            former = self._named_versions(ids)
            self._write_documents(batch, versions)
            crash_point("replace.documents")
            self._write_passages(rows, ids, appending=not former)
            crash_point("replace.passages")
            self._clear_versions(former - set(versions))

    def remove(self, document_ids: Iterable[str]) -> int:
        """Removes documents with all that came from them; returns how many there were."""
        ids = list(dict.fromkeys(document_ids))
        with self.writing():
            known = self._rows(
                all_of([_HEADS, any_value("document_id", ids)]), ["document_id", "version"]
            )
            if not known:
                return 0
            self._passages.delete(any_value("document_id", [row["document_id"] for row in known]))
            crash_point("remove.passages")
            self._clear_versions({row["version"] for row in known})
        return len(known)

    def maintain(self) -> list[str]:
        """Brings the search indexes up to date and compacts; returns what was done, in words."""
        with self.writing():
            self._passages.optimize()
            self._documents.optimize()
        return ["compacted"]

    def close(self) -> None:
        """Lets the tables go."""
        self._counted = self._versioned = None

    # ── within ──────────────────────────────────────────────────────────────────────────────────

    def _condition(self, scope: Scope) -> str | None:
        columns = self._columns() if scope.filter is not None else []
        return scope_sql(scope, columns)

    def _columns(self) -> list[MetaColumn]:
        names: list[str] = self._passages.schema.names
        return [column for name in names if (column := meta_column(name)) is not None]

    def _rows(self, condition: str | None, columns: list[str]) -> list[dict[str, Any]]:
        search = self._passages.search().select(columns).limit(None)
        rows: list[dict[str, Any]] = _scoped(search, condition).to_arrow().to_pylist()
        return rows

    def _read(self, condition: str | None) -> Iterator[Document]:
        heads = [
            (row["document_id"], row["version"])
            for row in self._rows(condition, ["document_id", "version", "state"])
            if json.loads(row["state"])["status"] == "ok"
        ]
        heads.sort()
        for at in range(0, len(heads), _PAGE):
            yield from self._read_page(heads[at : at + _PAGE])

    def _read_page(self, heads: Sequence[tuple[str, str]]) -> Iterator[Document]:
        rows = self._versions([version for _, version in heads])
        for document_id, version in heads:
            row = rows.get(version)
            if row is None:
                row = self._newer(document_id)
            if row is not None:
                yield document_of(row)

    def _newer(self, document_id: str) -> dict[str, Any] | None:
        # Between reading its head and its text a writer put a newer version in its place.
        for _ in range(_TRIES):
            place = f"{_HEADS} AND document_id = {quoted(document_id)}"
            heads = self._rows(place, ["version"])
            if not heads:
                return None
            rows = self._versions([heads[0]["version"]])
            if rows:
                return next(iter(rows.values()))
        raise TransientError("the document is replaced too often to be read", where=document_id)

    def _versions(self, versions: Sequence[str]) -> dict[str, dict[str, Any]]:
        search = self._documents.search().where(any_value("version", versions)).limit(None)
        return {row["version"]: row for row in search.to_arrow().to_pylist()}

    def _named_versions(self, ids: Sequence[str]) -> set[str]:
        place = all_of([_HEADS, any_value("document_id", ids)])
        return {row["version"] for row in self._rows(place, ["version"])}

    def _add_columns(self, names: set[str]) -> None:
        new = sorted(names - set(self._passages.schema.names))
        if not new:
            return
        import pyarrow as pa

        columns = [column for name in new if (column := meta_column(name)) is not None]
        self._passages.add_columns(
            pa.schema([pa.field(column.name, arrow_type(column)) for column in columns])
        )

    def _write_documents(self, batch: Sequence[IndexedDocument], versions: Sequence[str]) -> None:
        rows = [
            document_row(item, version=version)
            for item, version in zip(batch, versions, strict=True)
        ]
        merge = self._documents.merge_insert("version").when_not_matched_insert_all()
        merge.execute(to_arrow(rows, self._documents.schema))

    def _write_passages(
        self, rows: Sequence[dict[str, Any]], ids: Sequence[str], *, appending: bool
    ) -> None:
        data = to_arrow(rows, self._passages.schema)
        if appending:
            self._passages.add(data, on_bad_vectors="null")
            return
        (
            self._passages.merge_insert(["document_id", "number"])
            .when_matched_update_all()
            .when_not_matched_insert_all()
            .when_not_matched_by_source_delete(any_value("document_id", ids))
            .execute(data, on_bad_vectors="null")
        )

    def _clear_versions(self, versions: set[str]) -> None:
        if versions:
            self._documents.delete(any_value("version", sorted(versions)))


def _scoped(search: Any, condition: str | None) -> Any:
    return search if condition is None else search.where(condition, prefilter=True)


def _hit(row: Mapping[str, Any], score: float, by: str, signal: str) -> Hit:
    return Hit(chunk_of(row), float(score), by, {signal: float(score)})
