"""Runs blocking work for requests: so much at once, so much waiting, more is refused; stops when the asker is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Final, TypeVar

from fastapi import Request

from surefoot.serve.problems import Refused

T = TypeVar("T")
Gone = Callable[[], bool]
Tell = Callable[[Any], None]

_BUSY_RETRY_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Done:
    """The last thing that a stream gives: what the work returned."""

    result: Any


@dataclass(slots=True)
class Desk:
    """`workers` pieces of work at once, `queue` waiting; the next one is refused with 429."""

    workers: int
    queue: int
    _taken: int = field(default=0, init=False)
    _pool: ThreadPoolExecutor = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.workers, "surefoot-work")

    @property
    def taken(self) -> int:
        """How many are worked on or wait."""
        return self._taken

    async def run(self, request: Request, work: Callable[[Gone], T]) -> T:
        """What the work returns; it is told when the asker has gone.

        Raises:
            Refused: 429, too many wait.
        """
        gone = Event()
        future = self.begin(lambda: work(gone.is_set))
        watcher = asyncio.create_task(_watch(request, gone))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            gone.set()
            raise
        finally:
            watcher.cancel()

    async def stream(self, work: Callable[[Gone, Tell], T]) -> AsyncIterator[Any]:
        """All that the work tells, as it tells it, and `Done` at the end. Work whose reader is gone is told so.

        Raises:
            Refused: 429, too many wait; before anything is given.
        """
        loop, gone = asyncio.get_running_loop(), Event()
        told: asyncio.Queue[Any] = asyncio.Queue()

        def tell(item: Any) -> None:
            loop.call_soon_threadsafe(told.put_nowait, item)

        future = self.begin(lambda: work(gone.is_set, tell))
        future.add_done_callback(lambda _: told.put_nowait(_END))
        try:
            while (item := await told.get()) is not _END:
                yield item
            yield Done(future.result())
        finally:
            gone.set()

    def close(self) -> None:
        """Waits for what is worked on; what only waits is given up."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def begin(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Hands work over; raises as `run`."""
        if self._taken >= self.workers + self.queue:
            raise Refused(429, "too many requests wait already", code="busy", retry_s=_BUSY_RETRY_S)
        self._taken += 1
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._pool, copy_context().run, work)
        future.add_done_callback(self._ended)
        return future

    def _ended(self, future: asyncio.Future[Any]) -> None:
        self._taken -= 1
        if not future.cancelled():
            future.exception()  # one whose asker is gone is nobody's to read


_END: Final = object()


async def _watch(request: Request, gone: Event) -> None:
    """Waits until the client has closed the connection."""
    while not gone.is_set():
        message = await request.receive()
        if message["type"] == "http.disconnect":
            gone.set()
