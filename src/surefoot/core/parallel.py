"""The one way to fan out: threads that keep the caller's trace context."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def pmap(fn: Callable[[T], R], items: Iterable[T], *, workers: int) -> Iterator[R]:
    """Yields `fn(item)` in the order of the items, at most `2 * workers` of them in flight.

    An exception of `fn` is raised at its place in the order; items not yet started are dropped.
    """
    if workers <= 1:
        yield from map(fn, items)
        return
    feed = iter(items)
    with ThreadPoolExecutor(workers) as pool:
        pending = [pool.submit(copy_context().run, fn, item) for item in islice(feed, 2 * workers)]
        try:
            while pending:
                yield pending.pop(0).result()
                pending += [pool.submit(copy_context().run, fn, item) for item in islice(feed, 1)]
        finally:
            for future in pending:
                future.cancel()
