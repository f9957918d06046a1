"""Opens the tables at a location and keeps their manifest: which recipes there are, and which one is live.

The manifest is a tiny table of keys and JSON values; each change is one commit.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import ConfigError, MissingError, TransientError
from surefoot.store.schema import Recipe, documents_schema, passages_schema
from surefoot.store.sql import quoted

if TYPE_CHECKING:
    import filelock

DOCUMENTS = "documents"
MANIFEST = "manifest"
LIVE = "live"
_LOCK_FILE = ".writer.lock"


class Tables:
    """A location's connection, manifest and writer lock. Opens nothing before it is asked to."""

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
        self.remote = "://" in location
        self._connection = _connect(location, storage_options)
        self._lock = None if self.remote else _file_lock(location, read_only)
        self._threads = RLock()
        self._wait_s = wait_s

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Holds the location's one writer lock; waits for another process for a while, nests freely.

        On object storage there is no lock: who runs the writers sees to it that there is one.

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
            return self._connection.open_table(name)
        except (ValueError, FileNotFoundError) as problem:
            if "not found" in str(problem).lower():
                return None
            raise

    def open_or_create(self, name: str, schema: Any) -> Any:
        """The table, made empty where there is none."""
        return self._connection.create_table(name, schema=schema, exist_ok=True)

    def drop(self, name: str) -> None:
        """Drops a table; one that is not there is dropped already."""
        self._connection.drop_table(name, ignore_missing=True)

    def names(self) -> list[str]:
        """All tables, sorted."""
        found: list[str] = []
        token = None
        while True:
            page = self._connection.list_tables(page_token=token)
            found += page.tables
            token = page.page_token
            if not token:
                return sorted(found)

    def manifest(self) -> dict[str, Any]:
        """All keys of the manifest with their values."""
        table = self.open(MANIFEST)
        if table is None:
            return {}
        rows = table.search().limit(None).to_arrow().to_pylist()
        return {row["key"]: json.loads(row["value"]) for row in rows}

    def record(self, key: str, value: Any) -> None:
        """Sets one key of the manifest in one commit."""
        import pyarrow as pa

        schema = pa.schema([pa.field("key", pa.string()), pa.field("value", pa.string())])
        row = pa.Table.from_pylist([{"key": key, "value": json.dumps(value)}], schema=schema)
        table = self.open_or_create(MANIFEST, schema)
        merge = table.merge_insert("key").when_matched_update_all().when_not_matched_insert_all()
        merge.execute(row)

    def forget(self, key: str) -> None:
        """Removes one key of the manifest."""
        table = self.open(MANIFEST)
        if table is not None:
            table.delete(f"key = {quoted(key)}")

    def recipes(self) -> dict[str, Recipe]:
        """The recipes that have tables here, by digest."""
        return {
            key.removeprefix("recipe:"): Recipe(**value)
            for key, value in self.manifest().items()
            if key.startswith("recipe:")
        }

    def passages_of(self, recipe: Recipe) -> tuple[Any, Any]:
        """The documents table and the recipe's passages table; a writer makes them where they are missing.

        Raises:
            ConfigError: the recipe was recorded with another encoder or other dimensions.
            MissingError: opened for reading, and there is nothing yet.
        """
        known = self.recipes().get(recipe.digest)
        if known is not None and known.dimensions != recipe.dimensions:
            raise ConfigError(
                f"the index {recipe.digest} has {known.dimensions} dimensions, "
                f"the encoder {recipe.dimensions}",
                where=self.location,
                hint="surefoot sync builds an index for the new encoder",
            )
        if known is None and self.read_only:
            raise MissingError(
                "nothing is indexed here yet", where=self.location, hint="surefoot add FOLDER"
            )
        if known is None:
            self._create(recipe)
        documents, passages = self.open(DOCUMENTS), self.open(passages_name(recipe.digest))
        if documents is None or passages is None:
            raise MissingError(
                "a table of the index is gone", where=self.location, hint="surefoot repair"
            )
        return documents, passages

    def _create(self, recipe: Recipe) -> None:
        from lancedb.index import FTS

        with self.writing():
            self.open_or_create(DOCUMENTS, documents_schema())
            passages = self.open_or_create(passages_name(recipe.digest), passages_schema(recipe))
            if not any(index.columns == ["indexed_text"] for index in passages.list_indices()):
                config = FTS(base_tokenizer="icu", with_position=True)
                passages.create_index("indexed_text", config=config)
            value = {
                "digest": recipe.digest,
                "dimensions": recipe.dimensions,
                "columns": dict(recipe.columns),
                "encoder_digest": recipe.encoder_digest,
            }
            self.record(f"recipe:{recipe.digest}", value)
            if LIVE not in self.manifest():
                self.record(LIVE, recipe.digest)


def passages_name(digest: str) -> str:
    """The name of a recipe's passages table."""
    return f"passages_{digest}"


def _connect(location: str, storage_options: Mapping[str, str] | None) -> Any:
    # Lance logs a warning line for harmless things; it reads this once, when it is imported.
    os.environ.setdefault("LANCEDB_LOG", "error")
    import lancedb

    return lancedb.connect(
        location,
        read_consistency_interval=timedelta(0),
        storage_options=dict(storage_options) if storage_options else None,
    )


def _file_lock(location: str, read_only: bool) -> filelock.BaseFileLock:
    import filelock

    if not read_only:
        Path(location).mkdir(parents=True, exist_ok=True)
    return filelock.FileLock(Path(location) / _LOCK_FILE, thread_local=False)
