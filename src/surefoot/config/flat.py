"""Settings by their dotted path, and how two of them differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SettingGap:
    """A setting that differs; None where one side has no such setting."""

    path: str
    base: Any
    other: Any


def flat_settings(value: Any, path: str = "") -> dict[str, Any]:
    """Every value of nested settings by its path, such as `stages.0.keep`; what is empty stands for itself."""
    items: list[tuple[str, Any]] = []
    if isinstance(value, Mapping):
        items = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, list | tuple):
        items = [(str(place), item) for place, item in enumerate(value)]
    if not items:
        return {path: value}
    return {
        name: found
        for key, item in items
        for name, found in flat_settings(item, f"{path}.{key}".lstrip(".")).items()
    }


def settings_gaps(base: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[SettingGap, ...]:
    """The settings that differ, the base's first, then those that only the other has."""
    first, second = flat_settings(base), flat_settings(other)
    return tuple(
        SettingGap(path, first.get(path), second.get(path))
        for path in dict.fromkeys((*first, *second))
        if path and first.get(path) != second.get(path)
    )
