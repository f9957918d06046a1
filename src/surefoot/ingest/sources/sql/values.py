"""What a database gives, as text and as plain metadata. Knows no database."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from surefoot.core.types import MetaValue
from surefoot.ingest.extract.encoding import decode

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_LIST = re.compile(r"[;；,，、|\n]")


def placeholders(template: str) -> tuple[str, ...]:
    """The names that a template wants."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(template)))


def fill(template: str, row: Mapping[str, Any]) -> str:
    """The template with the row's values, in one pass: braces in a value stay text."""
    return _PLACEHOLDER.sub(lambda match: as_text(row[match[1]]), template)


def fill_uri(template: str, row: Mapping[str, Any]) -> str:
    """An address of the template; values are escaped unless one begins the address and so is one itself."""

    def put(match: re.Match[str]) -> str:
        value = as_text(row[match[1]])
        return value if match.start() == 0 else quote(value, safe="")

    return "".join(_PLACEHOLDER.sub(put, template).split())


def as_text(value: object) -> str:
    """A value as people read it; NULL is empty, bytes are decoded, what is nested is JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, bytes | bytearray | memoryview):
        return decode(bytes(value)).replace("\0", "")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | tuple) and not any(isinstance(v, dict | list) for v in value):
        return ", ".join(map(as_text, value))
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def as_meta(value: object) -> MetaValue | None:
    """A value for filters: numbers and booleans as they are, times as ISO text, lists as texts; None says nothing."""
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value()
        return int(value) if whole and value.is_finite() else float(value)
    if isinstance(value, list | tuple):
        return tuple(text for text in map(as_text, value) if text) or None
    if isinstance(value, bytes | bytearray | memoryview):
        return None
    return as_text(value).strip() or None


def as_names(value: object) -> tuple[str, ...]:
    """Users or groups: a list, or a text of names apart by commas or semicolons."""
    parts = map(as_text, value) if isinstance(value, list | tuple) else _LIST.split(as_text(value))
    return tuple(dict.fromkeys(name for part in parts if (name := part.strip())))


def as_id(values: list[object], clean: Callable[[str], str]) -> str:
    """Values as part of an id: `/` is between them only, what cannot be seen is escaped."""
    parts = [clean(as_text(value)).replace("%", "%25").replace("/", "%2F") for value in values]
    return "/".join("".join(c if c.isprintable() else f"%{ord(c):02X}" for c in p) for p in parts)
