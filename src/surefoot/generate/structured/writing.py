"""Writes a JSON value as canonical text and says where in it each single value stands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text, number, truth value or null at `text[start:end]`; `path` leads to it through names and places."""

    path: Path
    value: str | float | bool | None
    start: int
    end: int

    @property
    def name(self) -> str:
        """The path in words, such as `people.0.name`."""
        return ".".join(str(part) for part in self.path)


@dataclass(frozen=True, slots=True)
class Written:
    """Canonical JSON (sorted names, UTF-8, one space after `,` and `:`) and its leaves in their order."""

    text: str
    leaves: tuple[Leaf, ...]


def write(value: Any) -> Written:
    """The value as `json.dumps` with sorted names writes it."""
    pieces: list[str] = []
    leaves: list[Leaf] = []
    _write(value, (), pieces, leaves)
    return Written("".join(pieces), tuple(leaves))


def without(value: Any, paths: set[Path], path: Path = ()) -> Any:
    """The value with null at these paths; items of lists that are gone are left out."""
    if isinstance(value, dict):
        return {
            key: None if (*path, key) in paths else without(inner, paths, (*path, key))
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [
            without(inner, paths, (*path, place))
            for place, inner in enumerate(value)
            if (*path, place) not in paths
        ]
    return value


def _write(value: Any, path: Path, pieces: list[str], leaves: list[Leaf]) -> None:
    if isinstance(value, dict):
        pieces.append("{")
        for place, key in enumerate(sorted(value)):
            pieces.append((", " if place else "") + json.dumps(key, ensure_ascii=False) + ": ")
            _write(value[key], (*path, key), pieces, leaves)
        pieces.append("}")
        return
    if isinstance(value, list):
        pieces.append("[")
        for place, inner in enumerate(value):
            pieces.append(", " if place else "")
            _write(inner, (*path, place), pieces, leaves)
        pieces.append("]")
        return
    start = sum(map(len, pieces))
    pieces.append(json.dumps(value, ensure_ascii=False))
    leaves.append(Leaf(path, value, start, start + len(pieces[-1])))
