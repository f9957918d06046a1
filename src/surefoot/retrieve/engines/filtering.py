"""Puts the query's filter into an engine's own language. A filter is applied whole or refused, never in part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from surefoot.core.errors import ConfigError
from surefoot.core.filters import Comparison, Compound, Filter, FilterValue

FieldMap = Mapping[str, str]


def field_of(key: str, fields: FieldMap, where: str) -> str:
    """The engine's name for a key.

    Raises:
        ConfigError: the settings name none.
    """
    if key in fields:
        return fields[key]
    raise ConfigError(
        f"cannot filter by {key!r}",
        where=where,
        hint=f'say what it is there: filter = {{ {key} = "..." }}',
    )


def elastic(filter: Filter, fields: FieldMap, where: str) -> dict[str, Any]:
    """The filter in the query language of Elasticsearch and OpenSearch.

    Raises:
        ConfigError: a key is unknown there.
    """
    if isinstance(filter, Compound):
        parts = [elastic(part, fields, where) for part in filter.filters]
        if filter.type == "and":
            return {"bool": {"filter": parts}}
        return {"bool": {"should": parts, "minimum_should_match": 1}}
    name = field_of(filter.key, fields, where)
    if filter.type in ("gt", "gte", "lt", "lte"):
        return {"range": {name: {filter.type: filter.value}}}
    one: dict[str, Any] = (
        {"terms": {name: list(filter.value)}}
        if isinstance(filter.value, tuple)
        else {"term": {name: filter.value}}
    )
    return {"bool": {"must_not": [one]}} if filter.type in ("ne", "nin") else one


_RANGES: Mapping[str, str] = {
    "gt": "{%s TO *]",
    "gte": "[%s TO *]",
    "lt": "[* TO %s}",
    "lte": "[* TO %s]",
}


def solr(filter: Filter, fields: FieldMap, where: str) -> str:
    """The filter as a query of Solr's standard parser; every value is quoted.

    Raises:
        ConfigError: a key is unknown there.
    """
    if isinstance(filter, Compound):
        parts = (solr(part, fields, where) for part in filter.filters)
        return f"({f' {filter.type.upper()} '.join(parts)})"
    name = field_of(filter.key, fields, where)
    if filter.type in _RANGES and not isinstance(filter.value, tuple):
        return f"{name}:{_RANGES[filter.type] % _quoted(filter.value)}"
    values = filter.value if isinstance(filter.value, tuple) else (filter.value,)
    either = " OR ".join(map(_quoted, values))
    one = f"{name}:({either})" if values else "(*:* -*:*)"
    return f"(*:* -{one})" if filter.type in ("ne", "nin") else one


def parameters(filter: Filter | None, fields: FieldMap, where: str) -> dict[str, FilterValue]:
    """The filter as parameters of a request, for engines that only know equality.

    Raises:
        ConfigError: a key is unknown, or the filter says more than that keys have values.
    """
    found: dict[str, FilterValue] = {}
    for part in conjuncts(filter, where):
        name = field_of(part.key, fields, where)
        if part.type != "eq" or isinstance(part.value, tuple) or name in found:
            raise _too_much(where, f"can only filter by one value of {part.key!r}")
        found[name] = part.value
    return found


def conjuncts(filter: Filter | None, where: str) -> Iterator[Comparison]:
    """The comparisons that all must hold.

    Raises:
        ConfigError: one of several is enough.
    """
    if isinstance(filter, Comparison):
        yield filter
    elif filter is not None:
        if filter.type == "or" and len(filter.filters) > 1:
            raise _too_much(where, "cannot filter by one or the other")
        for part in filter.filters:
            yield from conjuncts(part, where)


def _too_much(where: str, what: str) -> ConfigError:
    return ConfigError(what, where=where, hint="ask without it, or leave the engine out")


def _quoted(value: FilterValue) -> str:
    said = str(value).lower() if isinstance(value, bool) else str(value)
    return '"' + said.replace("\\", "\\\\").replace('"', '\\"') + '"'
