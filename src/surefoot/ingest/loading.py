"""Brings content that lies elsewhere, a few items at a time, and has it read; what was brought goes once it is read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from surefoot.core.errors import DataError, TransientError
from surefoot.core.parallel import pmap
from surefoot.core.roles import Extracted, SourceItem

Read = Callable[[Iterable[Path]], Iterator[tuple[Path, Extracted | DataError]]]

_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """An item, the file its content was in, and what was read of it; `path` is None where nothing was brought."""

    item: SourceItem
    path: Path | None
    got: Extracted | DataError | TransientError


@dataclass(frozen=True, slots=True)
class _Brought:
    item: SourceItem
    path: Path | None = None
    folder: Path | None = None
    problem: DataError | TransientError | None = None


def readings(items: Sequence[SourceItem], read: Read) -> Generator[Reading, None, None]:
    """Every item with what was read, in order; a file that was brought is there until the next reading is asked for.

    Where loading fails, the reading holds why: DataError for good, TransientError for now. Close it when no more is
    wanted: the last file goes with it.
    """
    with TemporaryDirectory(prefix="surefoot-") as folder, closing(_bring(items, folder)) as coming:
        waiting: deque[_Brought] = deque()
        for _, got in read(_paths(coming, waiting)):
            while (brought := waiting.popleft()).problem is not None:
                yield Reading(brought.item, None, brought.problem)
            # Nothing is named while it is worked on: a name would hold a large text until the next one.
            ready = [Reading(brought.item, brought.path, got)]
            del got
            yield ready.pop()
            if brought.folder is not None:
                rmtree(brought.folder, ignore_errors=True)
        for brought in waiting:
            if brought.problem is not None:
                yield Reading(brought.item, None, brought.problem)


def _paths(coming: Iterable[_Brought], waiting: deque[_Brought]) -> Iterator[Path]:
    for brought in coming:
        waiting.append(brought)
        if brought.path is not None:
            yield brought.path


def _bring(items: Sequence[SourceItem], folder: str) -> Generator[_Brought, None, None]:
    def bring(numbered: tuple[int, SourceItem]) -> _Brought:
        number, item = numbered
        return _brought(item, Path(folder) / str(number))

    workers = _AT_ONCE if any(item.load for item in items) else 1
    yield from pmap(bring, enumerate(items), workers=workers)


def _brought(item: SourceItem, folder: Path) -> _Brought:
    if item.load is None:
        return _Brought(item, item.path)
    try:
        folder.mkdir()
        return _Brought(item, item.load(folder), folder)
    except (DataError, TransientError) as problem:
        failed = problem
    except OSError as problem:
        failed = TransientError(
            f"cannot be brought: {problem.strerror or problem}", hint="check the disk"
        )
    rmtree(folder, ignore_errors=True)
    return _Brought(item, problem=failed)
