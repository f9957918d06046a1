"""The filter language of OpenAI vector stores, as values. Compiling to a store's own language is the store's work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Any, Literal, get_args

from surefoot.core.errors import ConfigError

Comparator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"]
Joiner = Literal["and", "or"]
FilterValue = str | int | float | bool

_MAX_DEPTH = 16
_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`key` compared with `value`; `in` and `nin` take a tuple of values."""

    type: Comparator
    key: str
    value: FilterValue | tuple[FilterValue, ...]


@dataclass(frozen=True, slots=True)
class Compound:
    """All (`and`) or any (`or`) of the filters."""

    type: Joiner
    filters: tuple[Filter, ...]


Filter = Comparison | Compound


def parse_filter(raw: object, *, where: str = "filter", depth: int = 0) -> Filter:
    """Reads `{"type": ..., "key": ..., "value": ...}` or `{"type": "and", "filters": [...]}`.

    Raises:
        ConfigError: naming the place in the filter and what is allowed there.
    """
    if depth > _MAX_DEPTH:
        raise ConfigError(f"nests deeper than {_MAX_DEPTH} levels", where=where)
    if not isinstance(raw, Mapping):
        raise ConfigError(
            "must be an object",
            where=where,
            hint='try {"type": "eq", "key": "year", "value": 2024}',
        )
    kind = raw.get("type")
    if kind in get_args(Joiner):
        return _parse_compound(raw, where, depth)
    if kind in get_args(Comparator):
        return _parse_comparison(raw, where)
    known = ", ".join((*get_args(Comparator), *get_args(Joiner)))
    raise ConfigError(f"unknown type {kind!r}", where=f"{where}.type", hint=f"one of {known}")


def filter_to_json(filter: Filter) -> dict[str, Any]:
    """The inverse of `parse_filter`."""
    if isinstance(filter, Compound):
        return {"type": filter.type, "filters": [filter_to_json(part) for part in filter.filters]}
    value = list(filter.value) if isinstance(filter.value, tuple) else filter.value
    return {"type": filter.type, "key": filter.key, "value": value}


def keys_of(filter: Filter) -> set[str]:
    """The metadata keys that a filter names."""
    if isinstance(filter, Compound):
        return {key for part in filter.filters for key in keys_of(part)}
    return {filter.key}


def passes(filter: Filter, held: Mapping[str, object]) -> bool:
    """Whether metadata pass a filter: what a missing key or another type is compared with, is not equal to it."""
    if isinstance(filter, Compound):
        results = (passes(part, held) for part in filter.filters)
        return all(results) if filter.type == "and" else any(results)
    own = held.get(filter.key)
    if filter.type in _ORDER:
        return _ordered(own, filter)
    values = filter.value if isinstance(filter.value, tuple) else (filter.value,)
    found = any(_equal(own, value) for value in values)
    return not found if filter.type in ("ne", "nin") else found


def _parse_compound(raw: Mapping[Any, Any], where: str, depth: int) -> Compound:
    _no_other_keys(raw, {"type", "filters"}, where)
    parts = raw.get("filters")
    if not isinstance(parts, list | tuple) or not parts:
        raise ConfigError("must be a non-empty list", where=f"{where}.filters")
    return Compound(
        raw["type"],
        tuple(
            parse_filter(part, where=f"{where}.filters.{i}", depth=depth + 1)
            for i, part in enumerate(parts)
        ),
    )


def _parse_comparison(raw: Mapping[Any, Any], where: str) -> Comparison:
    _no_other_keys(raw, {"type", "key", "value"}, where)
    key, value = raw.get("key"), raw.get("value")
    if not isinstance(key, str) or not key:
        raise ConfigError("must be a non-empty string", where=f"{where}.key")
    if raw["type"] in ("in", "nin"):
        if not isinstance(value, list | tuple):
            raise ConfigError(f"{raw['type']} takes a list", where=f"{where}.value")
        return Comparison(raw["type"], key, tuple(_scalar(v, where) for v in value))
    return Comparison(raw["type"], key, _scalar(value, where))


def _scalar(value: object, where: str) -> FilterValue:
    if isinstance(value, str | bool | int | float):
        return value
    raise ConfigError("must be text, a number or true/false", where=f"{where}.value")


def _no_other_keys(raw: Mapping[Any, Any], known: set[str], where: str) -> None:
    if other := sorted(str(key) for key in raw if key not in known):
        raise ConfigError(
            f"unknown key {other[0]!r}", where=where, hint=f"allowed: {', '.join(sorted(known))}"
        )


def _equal(own: object, value: FilterValue) -> bool:
    if isinstance(own, tuple):
        return value in own
    return _kind(own) == _kind(value) and own == value


def _ordered(own: object, filter: Comparison) -> bool:
    value = filter.value
    if _kind(own) != _kind(value) or isinstance(own, tuple | bool) or own is None:
        return False
    return bool(_ORDER[filter.type](own, value))


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__
