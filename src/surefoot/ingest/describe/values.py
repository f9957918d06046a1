"""Metadata as plain scalars of the declared types. Knows no files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from surefoot.config.solution import ColumnType
from surefoot.core.lang.invisible import strip_invisible
from surefoot.core.types import Document, Meta, MetaValue

_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,14})")
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,14})\.\d{1,15}")
_TRUE = ("true", "yes", "是", "真")
_FALSE = ("false", "no", "否", "假")
_LIST = re.compile(r"\s*[;；|、]\s*")


def plain_values(values: Mapping[Any, Any]) -> dict[str, MetaValue]:
    """Scalars, dates as ISO text and lists of them as text; what is nested or empty is left out."""
    found: dict[str, MetaValue] = {}
    for key, value in values.items():
        name, plain = str(key).strip(), _plain(value)
        if name and plain is not None and plain not in ("", ()):
            found[name] = plain
    return found


def read_text_values(values: Mapping[str, str]) -> dict[str, MetaValue]:
    """Texts of a table or a path: whole numbers without leading zeros, decimals, true and false are told."""
    return {
        key.strip(): _told(text.strip())
        for key, text in values.items()
        if key.strip() and text.strip()
    }


def typed(values: Meta, declared: Mapping[str, ColumnType]) -> dict[str, MetaValue]:
    """The values as the declared types have them; what cannot be turned stays as it is, and the index says so."""
    return {
        key: _TYPES[declared[key]](value) if key in declared else value
        for key, value in values.items()
    }


def with_values(document: Document, values: Meta) -> Document:
    """The document with these metadata over its own; `title` is its title."""
    visible = {key: _visible(value) for key, value in values.items()}
    title = visible.pop("title", None)
    meta = {**document.meta, **visible}
    return replace(document, meta=meta, title=str(title) if title else document.title)


def _plain(value: Any) -> MetaValue | None:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        items = [_plain(item) for item in value]
        return tuple(str(item) for item in items if isinstance(item, str | int | float))
    return None


def _told(text: str) -> MetaValue:
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return {"true": True, "false": False}.get(text.lower(), text)


def _visible(value: MetaValue) -> MetaValue:
    if isinstance(value, tuple):
        return tuple(strip_invisible(item)[0] for item in value)
    return strip_invisible(value)[0] if isinstance(value, str) else value


def _as_text(value: MetaValue) -> MetaValue:
    return (
        value
        if isinstance(value, str)
        else "; ".join(value)
        if isinstance(value, tuple)
        else str(value)
    )


def _as_int(value: MetaValue) -> MetaValue:
    digits = value.replace(",", "").strip() if isinstance(value, str) else ""
    return int(digits) if re.fullmatch(r"-?\d{1,18}", digits) else value


def _as_float(value: MetaValue) -> MetaValue:
    digits = value.replace(",", "").strip() if isinstance(value, str) else ""
    return float(digits) if re.fullmatch(r"-?\d{1,18}(?:\.\d{1,18})?", digits) else value


def _as_bool(value: MetaValue) -> MetaValue:
    text = str(value).strip().lower()
    if isinstance(value, bool) or text not in (*_TRUE, *_FALSE):
        return value
    return text in _TRUE


def _as_date(value: MetaValue) -> MetaValue:
    text = str(value)
    parts = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text)
    return f"{parts[1]}-{int(parts[2]):02d}-{int(parts[3]):02d}" if parts else text


def _as_list(value: MetaValue) -> MetaValue:
    if isinstance(value, tuple):
        return value
    return tuple(item for item in _LIST.split(str(value)) if item)


_TYPES: Mapping[ColumnType, Callable[[MetaValue], MetaValue]] = {
    "text": _as_text,
    "int": _as_int,
    "float": _as_float,
    "bool": _as_bool,
    "date": _as_date,
    "list": _as_list,
}
