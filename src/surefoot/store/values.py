"""What documents hold under a metadata key, counted. Reads head rows only, passages where those hold nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from surefoot.core.roles import ValueCount
from surefoot.store.calls import wait
from surefoot.store.schema import MetaColumn, Recipe, declared_columns, meta_column
from surefoot.store.sql import all_of
from surefoot.store.tables import HEADS, PASSAGES, batches

Value = str | int | float | bool
COUNTED_ATTRIBUTES = ("lang",)
_KEPT = 256


def count_values(
    table: Any, key: str, columns: Collection[MetaColumn], condition: str | None
) -> list[ValueCount]:
    """The values of a key, the commonest first; what passages alone hold is counted by documents too."""
    names = [column.name for column in columns if column.key == key]
    if not names and key in COUNTED_ATTRIBUTES:
        names = [key]
    if not names:
        return []
    return _counted(table, names, all_of([HEADS, condition])) or _counted(
        table, names, all_of([PASSAGES, condition])
    )


def held_columns(table: Any, recipe: Recipe, condition: str | None) -> list[MetaColumn]:
    """The metadata columns that are declared, or that a row has for which the condition holds; all without one."""
    names: list[str] = wait(table.schema()).names
    found = [column for name in names if (column := meta_column(name)) is not None]
    if condition is None:
        return found
    held = {column.name for column in declared_columns(recipe.columns)}
    asked = [column.name for column in found if column.name not in held]
    for batch in batches(table, condition, asked) if asked else ():
        held.update(name for name in asked if batch.column(name).null_count < len(batch))
    return [column for column in found if column.name in held]


def in_order(counts: Counter[Value]) -> list[ValueCount]:
    """By falling count, then by value as text."""
    found = [ValueCount(value, documents) for value, documents in counts.items()]
    return sorted(found, key=lambda one: (-one.documents, str(one.value)))


def _counted(table: Any, names: list[str], condition: str | None) -> list[ValueCount]:
    held: dict[Value, set[str]] = {}
    for batch in batches(table, condition, ["document_id", *names]):
        documents = batch.column("document_id").to_pylist()
        for name in names:
            for document, cell in zip(documents, batch.column(name).to_pylist(), strict=True):
                for value in _values(cell):
                    held.setdefault(value, set()).add(document)
    return in_order(Counter({value: len(documents) for value, documents in held.items()}))


def _values(cell: Any) -> Iterable[Value]:
    if cell is None or cell == "":
        return ()
    if isinstance(cell, list):
        return dict.fromkeys(cell)
    if isinstance(cell, datetime):
        midnight = (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0)
        return (cell.date().isoformat() if midnight else cell.isoformat(),)
    if isinstance(cell, float) and cell.is_integer():
        return (int(cell),)
    return (cell,)


class KnownValues:
    """Counts that were made, kept until the table changes; at most 256 of them."""

    def __init__(self) -> None:
        self._version = -1
        self._held: dict[tuple[str, str | None], list[ValueCount]] = {}

    def get(self, version: int, key: str, condition: str | None) -> list[ValueCount] | None:
        """The counts made of this version of the table, if they were."""
        return self._held.get((key, condition)) if version == self._version else None

    def keep(
        self, version: int, key: str, condition: str | None, counts: list[ValueCount]
    ) -> list[ValueCount]:
        """Keeps counts and gives them back; those of another version go."""
        if version != self._version or len(self._held) >= _KEPT:
            self._version, self._held = version, {}
        self._held[key, condition] = counts
        return counts
