"""Runs one search over a table and makes hits of its rows."""

from __future__ import annotations

from typing import Any

from surefoot.core.types import Hit
from surefoot.store.calls import wait
from surefoot.store.rows import Row, chunk_of


def run(search: Any, condition: str | None) -> list[Row]:
    """The rows that a search finds where the condition holds."""
    if condition is not None:
        search = search.where(condition)
    rows: list[Row] = wait(search.to_arrow()).to_pylist()
    return rows


def only(search: Any, covered: bool) -> Any:
    """The search in the index alone where it covers all rows."""
    return search.fast_search() if covered else search


def hit_of(chunk: str, score: float, by: str, signal: str) -> Hit:
    """The hit of a row's chunk."""
    return Hit(chunk_of(chunk), float(score), by, {signal: float(score)})
