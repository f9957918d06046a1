"""Carries text out of an engine that would swallow what its receiver raises."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType


class TextOut:
    """Hands text on until the receiver raises; from then on `stopped` is True, and `finish` raises it."""

    def __init__(self, on_text: Callable[[str], None] | None) -> None:
        self._on_text = on_text
        self._problem: BaseException | None = None

    @property
    def stopped(self) -> bool:
        return self._problem is not None

    def __call__(self, text: str) -> None:
        if self._on_text is None or self.stopped:
            return
        with self:
            self._on_text(text)

    def finish(self) -> None:
        """Raises what the receiver raised."""
        if self._problem is not None:
            raise self._problem

    def __enter__(self) -> None:
        """Whatever is raised from here on is kept."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._problem = problem
        return True
