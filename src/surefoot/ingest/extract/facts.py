"""What a file says of itself, as plain values under a few fixed names: author, created, modified, ..."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from surefoot.core.types import MetaValue

_PLACEHOLDERS = frozenset(
    (
        "untitled",
        "anonymous",
        "unspecified",
        "unknown",
        "none",
        "null",
        "python-docx",
        "openpyxl",
        "document",
        "无标题",
    )
)
_PDF_DATE = re.compile(
    r"^D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-])(\d\d)'?(\d\d)?)?"
)


def facts(**values: object) -> dict[str, MetaValue]:
    """The values that say something, as plain scalars; empty and placeholder ones are left out."""
    kept: dict[str, MetaValue] = {}
    for name, value in values.items():
        plain = _plain(value)
        if plain not in (None, "", ()):
            kept[name] = plain
    return kept


def said(value: object) -> str:
    """The text unless it is one of the placeholders that programs write."""
    text = " ".join(str(value or "").split())
    return "" if text.strip("()[]<> ").lower() in _PLACEHOLDERS else text


def iso_date(value: object) -> str:
    """An ISO date or date-time of the many ways to write one; empty when it cannot be told."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value or "").strip()
    if match := _PDF_DATE.match(text):
        return _pdf_date(match)
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = parse(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return text if len(text) == len("2020-01-01") else found.isoformat()
    return ""


def flat(values: Mapping[Any, Any]) -> dict[str, MetaValue]:
    """Only the scalars and lists of scalars of a mapping, its keys in lower case."""
    return facts(
        **{str(key).strip().lower(): value for key, value in values.items() if str(key).strip()}
    )


def authors(names: Iterable[object]) -> str:
    """Names joined by `; `, without placeholders and repeats."""
    return "; ".join(dict.fromkeys(name for name in map(said, names) if name))


def _plain(value: object) -> MetaValue | None:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return tuple(
            str(item) for item in value if isinstance(item, str | int | float) and str(item).strip()
        )
    return str(value).strip() if isinstance(value, str) else None


def _pdf_date(match: re.Match[str]) -> str:
    year, month, day, hour, minute, second, _, sign, hours, minutes = match.groups()
    text = f"{year}-{month or '01'}-{day or '01'}"
    if hour:
        zone = f"{sign}{hours}:{minutes or '00'}" if sign else "Z"
        text += f"T{hour}:{minute or '00'}:{second or '00'}{zone}"
    try:
        return datetime.fromisoformat(text).isoformat() if hour else text
    except ValueError:
        return ""
