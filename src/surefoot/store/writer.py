"""Puts documents in place and takes them out. Each change is one commit of the passages table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from surefoot.core.crash import crash_point
from surefoot.core.errors import DataError
from surefoot.core.roles import IndexedDocument
from surefoot.store.calls import wait
from surefoot.store.maintenance import tend
from surefoot.store.rows import (
    Row,
    check_item,
    document_row,
    meta_names,
    passage_rows,
    to_batches,
    version_of,
)
from surefoot.store.schema import (
    MAX_UNDECLARED_KEYS,
    REGIONS,
    Recipe,
    arrow_type,
    meta_column,
)
from surefoot.store.sql import any_value
from surefoot.store.tables import HEADS, Tables, scan


class Writer:
    """Changes one recipe's index.

    The order of commits is what keeps a kill harmless: the documents' rows first, which count for
    nothing until a head row names them; then head rows and passages together; then the rows of
    former versions go.
    """

    def __init__(self, tables: Tables, recipe: Recipe, documents: Any, passages: Any) -> None:
        self._tables = tables
        self._recipe = recipe
        self._documents = documents
        self._passages = passages

    def replace(self, batch: Sequence[IndexedDocument]) -> None:
        """Puts each document in the place of its former version."""
        ids = [item.document.id for item in batch]
        if len(set(ids)) != len(ids):
            raise DataError("a document stands twice in one batch")
        for item in batch:
            check_item(item, self._recipe)
        versions = [version_of(item) for item in batch]
        with self._tables.writing():
            self._add_columns(batch)
            former = self._named(ids)
            self._write_documents(batch, versions)
            crash_point("replace.documents")
            self._write_passages(batch, versions, appending=not former)
            crash_point("replace.passages")
            self._tables.clear_versions(sorted(set(former.values()) - set(versions)))
            crash_point("replace.cleared")
            tend(self._passages)

    def remove(self, document_ids: Iterable[str]) -> int:
        """Removes documents with all that came from them; returns how many there were."""
        with self._tables.writing():
            known = self._named(list(dict.fromkeys(document_ids)))
            if known:
                wait(self._passages.delete(any_value("document_id", list(known))))
                crash_point("remove.passages")
                self._tables.clear_versions(sorted(known.values()))
        return len(known)

    def _named(self, ids: Sequence[str]) -> dict[str, str]:
        condition = f"{HEADS} AND {any_value('document_id', ids)}"
        rows = scan(self._passages, condition, ["document_id", "version"])
        return {row["document_id"]: row["version"] for row in rows}

    def _add_columns(self, batch: Sequence[IndexedDocument]) -> None:
        import pyarrow as pa

        held = {name for name in wait(self._passages.schema()).names if meta_column(name)}
        wanted = {name for item in batch for name in meta_names(item, self._recipe)}
        room = max(MAX_UNDECLARED_KEYS + len(self._recipe.columns) - len(held), 0)
        new = [meta_column(name) for name in sorted(wanted - held)[:room]]
        if new:
            fields = [pa.field(c.name, arrow_type(c)) for c in new if c is not None]
            wait(self._passages.add_columns(pa.schema(fields)))

    def _write_documents(self, batch: Sequence[IndexedDocument], versions: Sequence[str]) -> None:
        held = scan(self._documents, any_value("version", versions), ["version"])
        known = {row["version"] for row in held}
        new = [pair for pair in zip(batch, versions, strict=True) if pair[1] not in known]
        if any(item.document.regions for item, _ in new):
            self._add_regions()
        if new:
            rows = (document_row(item, version=version) for item, version in new)
            wait(self._documents.add(_stream(rows, wait(self._documents.schema()))))

    def _add_regions(self) -> None:
        import pyarrow as pa

        if REGIONS not in wait(self._documents.schema()).names:
            wait(self._documents.add_columns(pa.schema([pa.field(REGIONS, pa.large_string())])))

    def _write_passages(
        self, batch: Sequence[IndexedDocument], versions: Sequence[str], *, appending: bool
    ) -> None:
        rows = (
            row
            for item, version in zip(batch, versions, strict=True)
            for row in passage_rows(item, version, self._recipe)
        )
        data = _stream(rows, wait(self._passages.schema()))
        # LanceDB takes the missing vectors of head rows for bad ones unless told that null is meant.
        if appending:
            wait(self._passages.add(data, on_bad_vectors="null"))
            return
        ids = [item.document.id for item in batch]
        merge = (
            self._passages.merge_insert(["document_id", "number"])
            .when_matched_update_all()
            .when_not_matched_insert_all()
            .when_not_matched_by_source_delete(any_value("document_id", ids))
        )
        wait(merge.execute(data, on_bad_vectors="null"))


def _stream(rows: Iterator[Row], schema: Any) -> Any:
    import pyarrow as pa

    return pa.RecordBatchReader.from_batches(schema, to_batches(rows, schema))
