"""Opens the tables at a location and keeps their manifest: which recipes there are, and which one is live.

The manifest is a tiny table of keys and JSON values; each change of it is one commit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import ConfigError, MissingError, TransientError
from surefoot.store.calls import connect, wait
from surefoot.store.schema import VIEW_TEXT, Recipe, documents_schema, passages_schema
from surefoot.store.sql import any_value, quoted

if TYPE_CHECKING:
    import filelock
    import pyarrow as pa

DOCUMENTS = "documents"
FORMAT = 1
HEADS = "number = -1"
PASSAGES = "number >= 0"
VIEWS = "number < -1"
RECIPE_KEY = "recipe:"
_MANIFEST = "manifest"
_LIVE = "live"
_LOCK_FILE = ".writer.lock"
_DELETE_AT_ONCE = 500


class Tables:
    """A location's connection, manifest and writer lock."""

    def __init__(
        self,
        location: str,
        *,
        storage_options: Mapping[str, str] | None = None,
        read_only: bool = False,
        wait_s: float = 10.0,
    ) -> None:
        self.location = location
        self.read_only = read_only
        self._remote = "://" in location
        if not self._remote and not read_only:
            Path(location).mkdir(parents=True, exist_ok=True)
        self._connection = connect(location, storage_options)
        self._lock = None if self._remote else _file_lock(location)
        self._threads = RLock()
        self._wait_s = wait_s

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Holds the location's one writer lock; waits for another process for a while, nests freely.

        On object storage there is no lock: whoever runs writers there sees to it that it is one.

        Raises:
            TransientError: another process kept on writing.
        """
        if self.read_only:
            raise ConfigError("this index was opened for reading only", where=self.location)
        with self._threads:
            if self._lock is None:
                yield
                return
            import filelock

            try:
                self._lock.acquire(timeout=self._wait_s)
            except filelock.Timeout:
                raise TransientError(
                    "another process is writing here",
                    where=self.location,
                    hint="wait until it has ended",
                ) from None
            try:
                yield
            finally:
                self._lock.release()

    def open(self, name: str) -> Any | None:
        """The table, or None where there is none."""
        try:
            return wait(self._connection.open_table(name))
        except ValueError as problem:
            if "not found" in str(problem).lower():
                return None
            raise

    def open_or_create(self, name: str, schema: Any) -> Any:
        """The table, made empty where there is none."""
        return wait(self._connection.create_table(name, schema=schema, exist_ok=True))

    def drop(self, name: str) -> None:
        """Drops a table; one that is not there is dropped already."""
        wait(self._connection.drop_table(name, ignore_missing=True))

    def manifest(self) -> dict[str, Any]:
        """All keys of the manifest with their values."""
        table = self.open(_MANIFEST)
        return {} if table is None else {r["key"]: json.loads(r["value"]) for r in scan(table)}

    def record(self, key: str, value: Any) -> None:
        """Sets one key of the manifest in one commit."""
        import pyarrow as pa

        schema = pa.schema([pa.field("key", pa.string()), pa.field("value", pa.string())])
        row = pa.Table.from_pylist([{"key": key, "value": json.dumps(value)}], schema=schema)
        table = self.open_or_create(_MANIFEST, schema)
        merge = table.merge_insert("key").when_matched_update_all().when_not_matched_insert_all()
        wait(merge.execute(row))

    def forget(self, key: str) -> None:
        """Removes one key of the manifest."""
        table = self.open(_MANIFEST)
        if table is not None:
            wait(table.delete(f"key = {quoted(key)}"))

    def live(self) -> str | None:
        """The digest of the recipe that questions are answered from; None when nothing is indexed."""
        found: str | None = self.manifest().get(_LIVE)
        return found

    def make_live(self, digest: str) -> None:
        """Makes a recipe the live one, in one commit."""
        self.record(_LIVE, digest)

    def recipes(self) -> dict[str, Recipe]:
        """The recipes that have tables here, by digest."""
        return {
            key.removeprefix(RECIPE_KEY): Recipe(**value)
            for key, value in self.manifest().items()
            if key.startswith(RECIPE_KEY)
        }

    def pair(self, recipe: Recipe) -> tuple[Any, Any]:
        """The documents table and the recipe's passages table; a writer makes them where they are missing.

        Raises:
            ConfigError: the recipe was recorded with other dimensions, or by another format.
            MissingError: opened for reading and there is nothing yet, or a table is gone.
        """
        manifest = self.manifest()
        if manifest and manifest.get("format") != FORMAT:
            raise ConfigError(
                f"the tables have format {manifest.get('format')}, this version reads {FORMAT}",
                where=self.location,
                hint="move the folder away and run surefoot sync",
            )
        known = manifest.get(f"{RECIPE_KEY}{recipe.digest}")
        if known is None:
            if self.read_only:
                raise MissingError(
                    "nothing is indexed here yet", where=self.location, hint="surefoot add FOLDER"
                )
            self._create(recipe)
        elif known["dimensions"] != recipe.dimensions:
            raise ConfigError(
                f"the index has {known['dimensions']} dimensions, the encoder {recipe.dimensions}",
                where=self.location,
            )
        documents, passages = self.open(DOCUMENTS), self.open(passages_name(recipe.digest))
        if documents is None or passages is None:
            raise MissingError(
                "a table of the index is gone", where=self.location, hint="surefoot repair"
            )
        return documents, passages

    def clear_versions(self, versions: Sequence[str] | None = None) -> int:
        """Deletes rows of the documents table that no head row of any recipe names, of these versions or of all."""
        documents = self.open(DOCUMENTS)
        if documents is None or versions == []:
            return 0
        named: set[str] = set()
        condition = None if versions is None else any_value("version", versions)
        heads = HEADS if condition is None else f"{HEADS} AND {condition}"
        for digest in self.recipes():
            table = self.open(passages_name(digest))
            if table is not None:
                named.update(row["version"] for row in scan(table, heads, ["version"]))
        held = {row["version"] for row in scan(documents, condition, ["version"])}
        unnamed = sorted(held - named)
        for at in range(0, len(unnamed), _DELETE_AT_ONCE):
            wait(documents.delete(any_value("version", unnamed[at : at + _DELETE_AT_ONCE])))
        return len(unnamed)

    def _create(self, recipe: Recipe) -> None:
        with self.writing():
            if not self.manifest():
                self.record("format", FORMAT)
            self.open_or_create(DOCUMENTS, documents_schema())
            passages = self.open_or_create(passages_name(recipe.digest), passages_schema(recipe))
            text_indexes(passages, views=recipe.views)
            value = {
                "digest": recipe.digest,
                "dimensions": recipe.dimensions,
                "columns": dict(recipe.columns),
                "encoder_digest": recipe.encoder_digest,
                "views": recipe.views,
                "entities": recipe.entities,
                "fold_han": recipe.fold_han,
            }
            self.record(f"{RECIPE_KEY}{recipe.digest}", value)
            if self.live() is None:
                self.make_live(recipe.digest)


def scan(
    table: Any, condition: str | None = None, columns: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """All rows of a table for which the condition holds, in no order."""
    query = table.query()
    if condition is not None:
        query = query.where(condition)
    if columns is not None:
        query = query.select(list(columns))
    rows: list[dict[str, Any]] = wait(query.to_arrow()).to_pylist()
    return rows


def batches(table: Any, condition: str | None, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """All rows of a table for which the condition holds, a batch at a time."""
    query = table.query().select(list(columns))
    if condition is not None:
        query = query.where(condition)
    reader = wait(query.to_batches())
    while True:
        try:
            yield wait(reader.__anext__())
        except StopAsyncIteration:
            return


def text_indexes(table: Any, *, views: bool) -> None:
    """Makes the full-text indexes that are missing: of the passages' texts and, with `views`, of other views'."""
    from lancedb.index import FTS

    have = {index.columns[0] for index in wait(table.list_indices())}
    for column in ("indexed_text", VIEW_TEXT) if views else ("indexed_text",):
        if column not in have:
            wait(table.create_index(column, config=FTS(base_tokenizer="icu", with_position=True)))


def passages_name(digest: str) -> str:
    """The name of a recipe's passages table."""
    return f"passages_{digest}"


def counts_name(digest: str) -> str:
    """The name of the table that keeps a recipe's term counts."""
    return f"terms_{digest}"


def _file_lock(location: str) -> filelock.BaseFileLock:
    import filelock

    return filelock.FileLock(Path(location) / _LOCK_FILE, thread_local=False)
