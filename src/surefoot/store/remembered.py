"""Keeps what was counted or read of one version of a table, for each condition that it was counted under."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")
_KEPT = 32


class Remembered(Generic[T]):
    """Values by condition (None is the whole table), the last 32 of them; those of another version go."""

    def __init__(self) -> None:
        self._version = -1
        self._held: dict[str | None, T] = {}
        self._lock = Lock()

    def get(self, version: int, condition: str | None, make: Callable[[], T]) -> T:
        """The value, made where none is held."""
        with self._lock:
            if version == self._version and condition in self._held:
                return self._held[condition]
        made = make()
        with self._lock:
            if version != self._version:
                self._version, self._held = version, {}
            elif len(self._held) >= _KEPT:
                del self._held[next(iter(self._held))]
            self._held[condition] = made
        return made

    def clear(self) -> None:
        """Forgets all."""
        with self._lock:
            self._version, self._held = -1, {}
