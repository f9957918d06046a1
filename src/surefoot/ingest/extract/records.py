"""JSON and JSON lines as readable lines: a path and its value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from surefoot.core.roles import Extracted
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.facts import said
from surefoot.ingest.extract.plain import text_of

_TITLE_KEYS = ("title", "name", "headline", "subject", "标题", "名称")


def read_json(content: Content) -> Extracted:
    """One `path: value` line for each value, objects in a list apart by a blank line."""
    text = text_of(content)
    try:
        value = json.loads(text.lstrip("\ufeff"))
    except RecursionError:
        return _as_is(text, "is nested too deeply to list its values")
    except ValueError as problem:
        lines = _parsed_lines(text)
        return _as_is(text, f"is not valid JSON: {problem}") if lines is None else _listed(lines)
    return _listed([value])


def read_jsonl(content: Content) -> Extracted:
    """Each line is a record; records are apart by a blank line."""
    text = text_of(content)
    lines = _parsed_lines(text)
    return _as_is(text, "is not valid JSON lines") if lines is None else _listed(lines)


def listing(value: Any) -> str:
    """The value as `path: value` lines."""
    return "\n".join(_lines(value)).strip("\n") + "\n"


def _listed(values: list[Any]) -> Extracted:
    text = "\n".join(listing(value) for value in values)
    first = values[0] if len(values) == 1 and isinstance(values[0], dict) else {}
    title = next((said(first[key]) for key in _TITLE_KEYS if isinstance(first.get(key), str)), "")
    return Extracted(text=text, title=title, markup="plain")


def _as_is(text: str, problem: str) -> Extracted:
    return Extracted(text=text, markup="plain", notes=(f"read as plain text: it {problem}",))


def _parsed_lines(text: str) -> list[Any] | None:
    values = []
    for line in text.lstrip("\ufeff").split("\n"):
        if line.strip():
            try:
                values.append(json.loads(line))
            except (ValueError, RecursionError):
                return None
    return values or None


def _lines(root: Any) -> Iterator[str]:
    """Depth first without recursion, so that deep nesting costs no stack."""
    stack: list[tuple[str, Any]] = [("", root)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict):
            if path.endswith("]"):
                yield ""
            stack += [
                (f"{path}.{key}" if path else str(key), item)
                for key, item in reversed(value.items())
            ]
        elif isinstance(value, list):
            if value and not any(isinstance(item, dict | list) for item in value):
                yield _line(path, ", ".join(map(_shown, value)))
            else:
                stack += [(f"{path}[{i}]", item) for i, item in reversed(list(enumerate(value)))]
        elif value not in (None, ""):
            yield _line(path, _shown(value))


def _line(path: str, value: str) -> str:
    return f"{path}: {value}" if path else value


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
