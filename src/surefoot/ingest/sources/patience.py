"""Stops asking a place that does not answer: a thousand items must not wait for a thousand time limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from surefoot.core.errors import TransientError

_FAILURES = 3


class Patience:
    """Counts failures in a row; after three of them, all that follows fails at once."""

    def __init__(self) -> None:
        self._failures = 0
        self._last = ""

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Around one request.

        Raises:
            TransientError: as the request does, or because too many before it failed.
        """
        if self._failures >= _FAILURES:
            raise TransientError(
                f"was not asked for: {self._last}, {_FAILURES} times in a row",
                hint="sync again when it can be reached",
            )
        try:
            yield
        except TransientError as problem:
            self._failures += 1
            self._last = problem.message
            raise
        self._failures = 0
