"""Keeps what was made of the mentions that somebody may read, until they change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from surefoot.core.roles import Mention
from surefoot.core.types import Asker

T = TypeVar("T")
_KEPT = 16


class Known(Generic[T]):
    """One value an asker, for the last 16 of them."""

    def __init__(self, make: Callable[[Sequence[Mention]], T]) -> None:
        self._make = make
        self._held: dict[Asker, tuple[Sequence[Mention], T]] = {}
        self._lock = Lock()

    def of(self, asker: Asker, mentions: Sequence[Mention]) -> T:
        """What these mentions give; made again only where they are other than before."""
        with self._lock:
            held = self._held.pop(asker, None)
            if held is None or held[0] is not mentions:
                held = (mentions, self._make(mentions))
            self._held[asker] = held
            if len(self._held) > _KEPT:
                del self._held[next(iter(self._held))]
            return held[1]
