"""JSON Schema files: read, checked, and held against values. Nothing that a schema refers to elsewhere is fetched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from surefoot.core.errors import DataError

_LONGEST_PROBLEM: Final = 300
_HINT: Final = 'such as {"type": "object", "properties": {"year": {"type": "integer"}}}'


@dataclass(frozen=True)
class Schema:
    """A JSON Schema (draft 2020-12)."""

    raw: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The schema in one line, as a model is shown it."""
        return json.dumps(self.raw, ensure_ascii=False, separators=(",", ":"))

    def problem(self, value: Any) -> str:
        """In the validator's words, why the value does not fit; empty where it does."""
        found = min(
            self._validator.iter_errors(value),
            key=lambda error: (len(error.absolute_path), error.message),
            default=None,
        )
        if found is None:
            return ""
        place = ".".join(str(part) for part in found.absolute_path)
        return (f"{place}: " if place else "") + str(found.message)[:_LONGEST_PROBLEM]

    def chooses(self, path: tuple[str | int, ...]) -> bool:
        """Whether the value at a path is one of a closed list, so that it need not stand in any text."""
        return "enum" in (part := self._part(path)) or "const" in part

    def forgiving(self) -> Schema:
        """The same schema with null allowed for every value, for texts that do not say it."""
        return Schema(_nullable(self.raw, top=True))

    def _part(self, path: tuple[str | int, ...]) -> Mapping[str, Any]:
        """The schema of the value at a path; empty where properties and items do not lead there."""
        part: Any = self.raw
        for step in path:
            key = "items" if isinstance(step, int) else "properties"
            part = part.get(key, {}) if isinstance(part, Mapping) else {}
            if isinstance(step, str):
                part = part.get(step, {}) if isinstance(part, Mapping) else {}
        return part if isinstance(part, Mapping) else {}

    @cached_property
    def _validator(self) -> Any:
        from jsonschema import Draft202012Validator
        from referencing import Registry

        # A registry of its own, so that no reference is fetched from anywhere.
        return Draft202012Validator(dict(self.raw), registry=Registry())


def read_schema(path: Path) -> Schema:
    """The schema in a file.

    Raises:
        DataError: it is not JSON, no JSON Schema, or refers to a schema elsewhere.
    """
    from jsonschema import SchemaError
    from referencing.exceptions import Unresolvable

    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as problem:
        raise DataError(f"is not JSON: {problem}", where=str(path), hint=_HINT) from None
    if not isinstance(raw, Mapping):
        raise DataError("is no JSON Schema: it must be an object", where=str(path), hint=_HINT)
    schema = Schema(raw)
    try:
        schema._validator.check_schema(dict(raw))
        schema.problem({})
    except (SchemaError, Unresolvable) as problem:
        reason = str(problem).splitlines()[0]
        raise DataError(f"is no JSON Schema: {reason}", where=str(path), hint=_HINT) from None
    return schema


def _nullable(raw: Mapping[str, Any], *, top: bool = False) -> dict[str, Any]:
    part = dict(raw)
    for key in ("properties", "$defs"):
        if isinstance(part.get(key), Mapping):
            part[key] = {
                name: _nullable(inner) if isinstance(inner, Mapping) else inner
                for name, inner in part[key].items()
            }
    if isinstance(part.get("items"), Mapping):
        part["items"] = _nullable(part["items"], top=True)
    if top:
        return part
    if "enum" in part and None not in part["enum"]:
        part["enum"] = [*part["enum"], None]
    kinds = part.get("type")
    if isinstance(kinds, str) and kinds not in ("null", "array"):
        part["type"] = [kinds, "null"]
    elif isinstance(kinds, list) and "null" not in kinds:
        part["type"] = [*kinds, "null"]
    return part
