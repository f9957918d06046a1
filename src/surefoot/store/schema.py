"""The tables' columns, and how metadata keys become column names. Knows Arrow types, opens nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from surefoot.config.solution import ColumnType
from surefoot.core.lang.han import simplified
from surefoot.core.types import Meta, MetaValue

if TYPE_CHECKING:
    import pyarrow as pa

HEAD = -1
"""The `number` of the row that stands for a document itself; its passages count from 0."""
FIRST_VIEW = -2
"""The `number` of a document's first row of another view; the next ones count down."""
VIEW_TEXT = "view_text"
"""Holds the texts of other views: in a column of their own they change no statistics of the passages'."""

ENTITIES = "entities"
"""Holds the keys of what a passage names, where the recipe asks for them."""
REGIONS = "regions"
"""Holds where the text of a scan or recording stands in it; the column is made for the first such document."""
MAX_UNDECLARED_KEYS = 256
MAX_KEY_CHARS = 128

Stored = Literal["text", "number", "int", "bool", "date", "list"]
_DECLARED: Mapping[ColumnType, Stored] = {
    "text": "text",
    "int": "int",
    "float": "number",
    "bool": "bool",
    "date": "date",
    "list": "list",
}
_PLAIN = re.compile(r"[a-z][a-z0-9_]{0,60}")
_COLUMN = re.compile(r"meta_(text|number|int|bool|date|list)_(?:k_(.+)|x_([0-9a-f]+))")
_PARTIAL_DATE = re.compile(r"\d{4}(-\d{2})?")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an index must agree with. `digest` names its tables; `columns` are the metadata declared in the solution.

    `views` says whether there are rows of other views, `entities` whether what passages name is kept, `fold_han`
    whether keyword search takes traditional and simplified characters for the same.
    """

    digest: str
    dimensions: int
    columns: Mapping[str, ColumnType] = field(default_factory=dict)
    encoder_digest: str = ""
    views: bool = False
    entities: bool = False
    fold_han: bool = False

    def searched(self, text: str) -> str:
        """A text, of a document or of a question, in the form that keyword search compares."""
        return simplified(text) if self.fold_han else text


@dataclass(frozen=True, slots=True)
class MetaColumn:
    """A metadata key as it is stored: one column for each key and type."""

    key: str
    stored: Stored

    @property
    def name(self) -> str:
        """The column's name: the key itself where it is plain, else its UTF-8 bytes in hex."""
        if _PLAIN.fullmatch(self.key):
            return f"meta_{self.stored}_k_{self.key}"
        return f"meta_{self.stored}_x_{self.key.encode().hex()}"


def meta_column(name: str) -> MetaColumn | None:
    """The inverse of `MetaColumn.name`; None for a column that holds no metadata."""
    match = _COLUMN.fullmatch(name)
    if match is None:
        return None
    stored: Stored = match.group(1)  # type: ignore[assignment]  # the pattern allows no other
    return MetaColumn(match.group(2) or bytes.fromhex(match.group(3)).decode(), stored)


def meta_cells(
    meta: Meta, declared: Mapping[str, ColumnType]
) -> tuple[dict[MetaColumn, object], list[str]]:
    """The filterable cells of a document's metadata, and in words what does not fit its declared type."""
    cells: dict[MetaColumn, object] = {}
    problems: list[str] = []
    for key, value in meta.items():
        if len(key) > MAX_KEY_CHARS or not key:
            problems.append(f"metadata key of {len(key)} characters cannot be filtered")
            continue
        stored = _DECLARED[declared[key]] if key in declared else _undeclared(value)
        cell = _cell(value, stored)
        if cell is None:
            problems.append(f"metadata {key} = {value!r} is not {declared.get(key, stored)}")
        else:
            cells[MetaColumn(key, stored)] = cell
    return cells, problems


def declared_columns(declared: Mapping[str, ColumnType]) -> list[MetaColumn]:
    """The columns that exist from the start."""
    return [MetaColumn(key, _DECLARED[kind]) for key, kind in declared.items()]


def parse_date(text: str) -> datetime | None:
    """Reads an ISO date, date with time, month or year as a moment in UTC without zone; None when it is none."""
    if _PARTIAL_DATE.fullmatch(text):
        text = f"{text}-01-01"[:10] if len(text) == 4 else f"{text}-01"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _undeclared(value: MetaValue) -> Stored:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "list"


def _cell(value: MetaValue, stored: Stored) -> object | None:
    if stored == "list":
        return [str(v) for v in value] if isinstance(value, tuple | list) else [str(value)]
    if stored == "date":
        return parse_date(value) if isinstance(value, str) else None
    if stored == "text":
        return value if isinstance(value, str) else None
    if stored == "bool":
        return value if isinstance(value, bool) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if stored == "int":
        return int(value) if value == int(value) and abs(value) < 2**63 else None
    return float(value)


def passages_schema(recipe: Recipe) -> pa.Schema:
    """Columns of a recipe's one table: passages, and a head row (`number` -1) for each document.

    `chunk` holds the whole chunk as JSON: a search then reads one column a hit instead of thirteen.
    Head rows have neither vector nor text, so that no search finds them. Rows of other views (`number`
    below -1) have no `id`, only the `passage_id` of their chunk.
    """
    import pyarrow as pa

    text, texts = pa.string(), pa.list_(pa.string())
    columns: dict[str, pa.DataType] = {
        "document_id": text,
        "number": pa.int32(),
        "id": text,
        "version": text,
        "view": text,
        "passage_id": text,
        "chunk": text,
        "indexed_text": text,
        "vector": pa.list_(pa.float32(), recipe.dimensions),
        "title": text,
        "uri": text,
        "lang": text,
        "source": text,
        "acl_public": pa.bool_(),
        "acl_users": texts,
        "acl_groups": texts,
        "state": text,
        "term_hashes": pa.list_(pa.uint32()),
        "term_counts": pa.list_(pa.uint32()),
    }
    if recipe.views:
        columns[VIEW_TEXT] = text
    if recipe.entities:
        columns[ENTITIES] = texts
    columns |= {column.name: arrow_type(column) for column in declared_columns(recipe.columns)}
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])


def arrow_type(column: MetaColumn) -> pa.DataType:
    """The Arrow type of a metadata column."""
    import pyarrow as pa

    types: Mapping[Stored, pa.DataType] = {
        "text": pa.string(),
        "number": pa.float64(),
        "int": pa.int64(),
        "bool": pa.bool_(),
        "date": pa.timestamp("us"),
        "list": pa.list_(pa.string()),
    }
    return types[column.stored]


def documents_schema() -> pa.Schema:
    """Columns of the documents table: one row a version, never changed once written."""
    import pyarrow as pa

    text, texts = pa.string(), pa.list_(pa.string())
    columns = {
        "version": text,
        "id": text,
        "digest": text,
        "uri": text,
        "text": pa.large_string(),
        "title": text,
        "lang": text,
        "markup": text,
        "pages": pa.list_(pa.int64()),
        "meta": text,
        "acl_public": pa.bool_(),
        "acl_users": texts,
        "acl_groups": texts,
        "status": text,
        "reason": text,
        "source": text,
    }
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])
