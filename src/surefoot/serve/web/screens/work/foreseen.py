"""What a job will take, as a person reads it: the figures of its command's forecast that have a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from surefoot.core.budget import seconds_said
from surefoot.serve.web.words import Lang, catalogue, say

_ROOM = "foreseen"
_SECONDS = ("seconds", "wall_s", "cpu_s")
_DOLLARS = ("dollars",)


def figures_of(forecast: object, lang: Lang) -> list[tuple[str, str]]:
    """Names and figures of a forecast in JSON, in its order; what has no name in the catalogue is left to the JSON.

    An amount with its interval is told with it; what will not be used at all is left out, a list is counted.
    """
    if not isinstance(forecast, Mapping):
        return []
    inner = forecast.get("forecast")
    return list(_figures(inner if isinstance(inner, Mapping) else forecast, lang))


def notes_of(forecast: object) -> list[str]:
    """What the forecast says besides, in English as it was said."""
    notes = forecast.get("notes") if isinstance(forecast, Mapping) else None
    return [str(note) for note in notes] if isinstance(notes, Sequence) else []


def _figures(forecast: Mapping[str, Any], lang: Lang) -> Iterator[tuple[str, str]]:
    for key, value in forecast.items():
        if key == "arms" and isinstance(value, Sequence):
            yield from ((str(arm["arm"]), _time(arm["seconds"])) for arm in value)
            continue
        said = _said(key, value, lang)
        if said and f"{_ROOM}.{key}" in catalogue():
            yield say(lang, f"{_ROOM}.{key}"), said


def _said(key: str, value: Any, lang: Lang) -> str:
    if isinstance(value, Mapping) and {"value", "low", "high"} <= set(value):
        if not value["high"]:
            return ""
        low, high = _amount(key, value["low"]), _amount(key, value["high"])
        if low == high:
            return _amount(key, value["value"])
        return say(lang, f"{_ROOM}.range", value=_amount(key, value["value"]), low=low, high=high)
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return str(len(value))
    return _amount(key, value) if isinstance(value, int | float) else ""


def _amount(key: str, value: float) -> str:
    if key in _SECONDS:
        return _time(value)
    if key in _DOLLARS:
        return f"{value:.2f} USD"
    return f"{value:,.0f}" if value >= 1 or not value else f"{value:.3f}"


def _time(seconds: float) -> str:
    return seconds_said(round(seconds)) if seconds >= 10 else f"{seconds:.1f}s"
