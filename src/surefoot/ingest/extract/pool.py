"""Reads many files in a few limited child processes; one bad file costs that file only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from queue import Empty, LifoQueue
from types import TracebackType
from typing import TYPE_CHECKING

from surefoot.core.errors import DataError
from surefoot.core.parallel import pmap
from surefoot.core.roles import Extracted
from surefoot.core.types import Region
from surefoot.ingest.extract.media.orders import Need
from surefoot.ingest.extract.media.process import MediaProcesses, MediaTools, orders_for
from surefoot.ingest.extract.process import (
    WALL_TIMES,
    Died,
    ReadingProcess,
    TimeUp,
    cause,
    over_time,
)
from surefoot.ingest.extract.read import with_language

if TYPE_CHECKING:
    from surefoot.config.solution import Limits

# Native readers keep some memory of every file; a fresh process now and then gives it back.
_FILES_A_PROCESS = 500


class ExtractorPool:
    """A context manager over at most `workers` reading processes, started when first needed.

    On Linux every file is read under `limits`: address space, processor time, written bytes and wall-clock
    time. macOS bounds no address space; Windows bounds nothing but the size of files: `notes` says so.
    With `media`, scans, pictures and recordings go to processes of their own, under its limits a page or minute.
    """

    def __init__(self, limits: Limits, workers: int = 1, media: MediaTools | None = None) -> None:
        self.notes: tuple[str, ...] = ()
        self._limits = limits
        self._orders = orders_for(limits, media)
        self._media = None if media is None else MediaProcesses(limits, media)
        self._workers = max(1, workers)
        self._idle: LifoQueue[ReadingProcess] = LifoQueue()

    def __enter__(self) -> ExtractorPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def map(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Extracted | DataError]]:
        """Each path with what was read, or with what is wrong with it, in the order of the paths."""
        # Nothing is named here: a name would hold a large text until the next one is asked for.
        yield from map(
            _with_language,
            pmap(lambda path: (path, self._read(path)), paths, workers=self._workers),
        )

    def pids(self) -> list[int]:
        """The numbers of the processes that are idle now."""
        return [process.pid for process in self._idle.queue]

    def close(self) -> None:
        """Ends the processes. The pool can be used again; it starts new ones then."""
        if self._media is not None:
            self._media.close()
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    def _read(self, path: Path) -> Extracted | DataError:
        found = self._read_plain(path)
        if isinstance(found, str):
            assert self._media is not None  # its orders name no need otherwise
            return self._media.read(path, found)
        return found

    def _read_plain(self, path: Path) -> Extracted | DataError | Need:
        process = self._take()
        answered = False
        try:
            found = process.read(path, WALL_TIMES * self._limits.seconds)
            answered = True
        except Died as problem:
            message, hint = cause(problem, self._limits)
            return DataError(message, where=str(path), hint=hint)
        except TimeUp:
            message, hint = over_time(self._limits)
            return DataError(message, where=str(path), hint=hint)
        finally:
            if answered:
                self._give_back(process)
            else:
                process.kill()
        return found

    def _take(self) -> ReadingProcess:
        while True:
            try:
                process = self._idle.get_nowait()
            except Empty:
                return self._start()
            if process.is_alive():
                return process
            process.close()

    def _start(self) -> ReadingProcess:
        process = ReadingProcess(self._orders)
        if not process.limited:
            self.notes = ("this system bounds neither memory nor time of reading a file",)
        return process

    def _give_back(self, process: ReadingProcess) -> None:
        if process.files >= _FILES_A_PROCESS:
            process.close()
        else:
            self._idle.put(process)


def picture_of(path: Path, region: Region, limits: Limits) -> bytes:
    """The page of a region as PNG with a frame around its box, drawn in a limited process.

    Raises:
        DataError: it cannot be shown.
    """
    from surefoot.ingest.extract.media.showing import Showing

    order = Showing(path=str(path.resolve()), page=region.page or 1, box=region.box)
    process = ReadingProcess(orders_for(limits, None))
    try:
        return process.show(order, WALL_TIMES * limits.seconds)
    except Died as problem:
        message, hint = cause(problem, limits)
        raise DataError(message, where=str(path), hint=hint) from None
    except TimeUp:
        message, hint = over_time(limits)
        raise DataError(message, where=str(path), hint=hint) from None
    finally:
        process.kill()


def _with_language(pair: tuple[Path, Extracted | DataError]) -> tuple[Path, Extracted | DataError]:
    path, found = pair
    return path, with_language(found) if isinstance(found, Extracted) else found
