"""Compiles the filter language and rights to SQL. Values are quoted here; identifiers come only from known columns.

A comparison of a key that a document lacks is false; `ne` and `nin` are its denial, so they are true there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from surefoot.core.errors import ConfigError
from surefoot.core.filters import Comparator, Comparison, Compound, Filter, FilterValue
from surefoot.core.roles import Scope
from surefoot.core.types import Asker
from surefoot.store.rows import storable
from surefoot.store.schema import MetaColumn, Stored, parse_date

ATTRIBUTES = ("document_id", "uri", "title", "lang", "source")
"""Columns that a filter may name like metadata; a metadata key of the same name goes first."""

_LARGEST = 1e308
_ORDER = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_WORDS: dict[Stored, str] = {
    "text": "text",
    "number": "numbers",
    "int": "whole numbers",
    "bool": "true/false",
    "date": "dates (YYYY-MM-DD)",
    "list": "lists of text",
}


def scope_sql(scope: Scope, columns: Collection[MetaColumn]) -> str | None:
    """What rows of the passages table the scope lets through; None for all.

    Raises:
        ConfigError: the filter names an unknown key, or compares it with a value of another type.
    """
    clauses = [acl_sql(scope.asker)]
    if scope.filter is not None:
        clauses.append(filter_sql(scope.filter, columns))
    return all_of(clauses)


def acl_sql(asker: Asker) -> str | None:
    """What an asker may read; None for the owner, who reads everything."""
    if asker.is_owner:
        return None
    allowed = ["acl_public"]
    if asker.user is not None:
        allowed.append(f"array_has(acl_users, {quoted(asker.user)})")
    allowed += [f"array_has(acl_groups, {quoted(group)})" for group in asker.groups]
    return f"({' OR '.join(allowed)})"


def filter_sql(filter: Filter, columns: Collection[MetaColumn]) -> str:
    """The filter as a condition over the known columns."""
    if isinstance(filter, Compound):
        parts = [filter_sql(part, columns) for part in filter.filters]
        return f"({f' {filter.type.upper()} '.join(parts)})"
    return _comparison(filter, _columns_of(filter.key, columns))


def all_of(clauses: Iterable[str | None]) -> str | None:
    """The conditions joined by AND; None when there is none."""
    given = [clause for clause in clauses if clause is not None]
    return " AND ".join(given) if given else None


def any_value(column: str, values: Sequence[str]) -> str:
    """`column` is one of the texts."""
    if not values:
        return "false"
    return f"{column} IN ({', '.join(quoted(value) for value in values)})"


def quoted(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + storable(text).replace("'", "''") + "'"


def _columns_of(key: str, columns: Collection[MetaColumn]) -> dict[Stored, str]:
    found = {column.stored: column.name for column in columns if column.key == key}
    if found:
        return found
    if key in ATTRIBUTES:
        return {"text": key}
    known = sorted({column.key for column in columns}) + list(ATTRIBUTES)
    raise ConfigError(
        f"no document has the metadata key {key!r}",
        where="filter",
        hint=f"known keys: {', '.join(known)}",
    )


def _comparison(filter: Comparison, names: dict[Stored, str]) -> str:
    values = filter.value if isinstance(filter.value, tuple) else (filter.value,)
    if filter.type in _ORDER:
        return _ordered(filter, values[0], names)
    positive = [_equals(filter.key, value, names) for value in values]
    if not positive:
        return "true" if filter.type == "nin" else "false"
    joined = f"({' OR '.join(positive)})"
    return f"(NOT {joined})" if filter.type in ("ne", "nin") else joined


def _equals(key: str, value: FilterValue, names: dict[Stored, str]) -> str:
    clauses = []
    for stored, name in names.items():
        if stored == "list" and isinstance(value, str):
            clauses.append(f"({name} IS NOT NULL AND array_has({name}, {quoted(value)}))")
        elif stored != "list":
            literal = _literal(value, stored)
            if literal is not None:
                clauses.append(f"({name} IS NOT NULL AND {name} = {literal})")
    if not clauses:
        raise _wrong_type(key, value, names)
    return f"({' OR '.join(clauses)})"


def _ordered(filter: Comparison, value: FilterValue, names: dict[Stored, str]) -> str:
    for stored, name in names.items():
        literal = None if stored in ("list", "bool") else _literal(value, stored)
        if literal is not None:
            return f"({name} IS NOT NULL AND {name} {_ORDER[filter.type]} {literal})"
    raise _wrong_type(filter.key, value, names, filter.type)


def _literal(value: FilterValue, stored: Stored) -> str | None:
    if isinstance(value, bool):
        return str(value).lower() if stored == "bool" else None
    if isinstance(value, str):
        if stored == "text":
            return quoted(value)
        moment = parse_date(value) if stored == "date" else None
        return _timestamp(moment) if moment is not None else None
    return _number(value) if stored in ("number", "int") else None


def _number(value: int | float) -> str:
    if isinstance(value, int) and abs(value) < 2**63:
        return str(value)
    if not abs(value) <= _LARGEST:  # also not a number
        raise ConfigError("a number is too large to compare with", where="filter")
    number = float(value)
    return f"CAST('{number!r}' AS DOUBLE)"


def _timestamp(moment: datetime) -> str:
    return f"TIMESTAMP '{moment.isoformat(sep=' ', timespec='microseconds')}'"


def _wrong_type(
    key: str, value: FilterValue, names: dict[Stored, str], comparator: Comparator = "eq"
) -> ConfigError:
    held = " or ".join(_WORDS[stored] for stored in names)
    return ConfigError(
        f"{key!r} holds {held}, which {value!r} does not compare with by {comparator}",
        where="filter",
        hint=f"compare {key!r} with {held}",
    )
