"""One table that describes many documents: a column of ids, paths, names or patterns, and columns of metadata."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from surefoot.config.base import PartSettings
from surefoot.core.digest import digest_json
from surefoot.core.errors import ConfigError
from surefoot.core.roles import SourceItem
from surefoot.core.types import Document
from surefoot.ingest.describe.values import read_text_values, with_values
from surefoot.ingest.extract.encoding import decode
from surefoot.ingest.sources.names import clean_name

_MAGIC = frozenset("*?[")
_Rows = dict[str, dict[str, str]]


class CsvMapSettings(PartSettings):
    """Metadata from a CSV or TSV file: a column of ids, paths or patterns such as 2023/*.pdf, and columns of values."""

    kind: Literal["csv-map"] = "csv-map"
    path: str = Field(description="the file, relative to the workspace")
    key: str = Field(default="", description="the column that names documents; empty = the first")
    columns: tuple[str, ...] = Field(
        default=(), description="the columns that are kept; empty = all others"
    )


class CsvMap:
    """Gives a document the cells of every row that names it; later rows go over earlier ones, names over patterns."""

    Settings = CsvMapSettings
    beside_text: ClassVar[bool] = True

    def __init__(self, settings: CsvMapSettings, base: Path) -> None:
        self._settings = settings
        self._file = (base / Path(settings.path).expanduser()).absolute()

    def describe(self, item: SourceItem, document: Document) -> Document:
        """The document with the metadata of its rows."""
        return with_values(document, read_text_values(self._cells(item)))

    def mark(self, item: SourceItem) -> str:
        """The hash of the document's own cells: other rows may change without it."""
        cells = self._cells(item)
        return digest_json(cells)[:8] if cells else ""

    def is_description(self, item: SourceItem) -> bool:
        """Whether the item is the table itself."""
        return (
            item.path is not None
            and item.path.name == self._file.name
            and item.path.resolve() == self._file.resolve()
        )

    def _cells(self, item: SourceItem) -> dict[str, str]:
        named, patterns = self._rows
        inner = item.id.removeprefix(f"{item.source}/")
        names = (inner.rsplit("/", 1)[-1], item.uri, item.id, inner)
        cells: dict[str, str] = {}
        for pattern, row in patterns.items():
            if any(fnmatchcase(name, pattern) for name in dict.fromkeys((item.id, inner))):
                cells |= row
        for name in names:
            cells |= named.get(name, {})
        return cells

    @cached_property
    def _rows(self) -> tuple[_Rows, _Rows]:
        """Rows by what they name, and rows by pattern.

        Raises:
            ConfigError: there is no such file, or it lacks a column.
        """
        try:
            text = decode(self._file.read_bytes())
        except OSError as problem:
            raise self._wrong(
                f"cannot be read: {problem.strerror or problem}", "check path"
            ) from None
        rows = self._table(text)
        header = [name.strip() for name in next(rows, [])]
        key = self._settings.key or (header[0] if header else "")
        if lacking := [name for name in (key, *self._settings.columns) if name not in header]:
            raise self._wrong(
                f"has no column {lacking[0]!r}", f"it has: {', '.join(header) or 'nothing'}"
            )
        kept = self._settings.columns or tuple(name for name in header if name and name != key)
        named: _Rows = {}
        patterns: _Rows = {}
        for row in rows:
            cells = dict(zip(header, row, strict=False))
            name = clean_name(cells.get(key, "").strip()).removeprefix("./")
            if name:
                place = patterns if _MAGIC.intersection(name) else named
                told = {column: cells[column] for column in kept if cells.get(column, "").strip()}
                place[name] = place.get(name, {}) | told
        return named, patterns

    def _table(self, text: str) -> Iterator[Sequence[str]]:
        head = text.split("\n", 1)[0]
        tabbed = self._file.suffix.lower() in (".tsv", ".tab")
        delimiter = "\t" if tabbed else max(",;\t，", key=head.count)
        try:
            yield from csv.reader(
                io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter
            )
        except csv.Error as problem:
            raise self._wrong(f"is no table: {problem}", "mend it") from None

    def _wrong(self, reason: str, hint: str) -> ConfigError:
        return ConfigError(reason, where=f"corpus.describe: {self._settings.path}", hint=hint)
