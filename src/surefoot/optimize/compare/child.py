"""Does one piece of work in a process of its own, so that what it loads and holds is gone with it.

A daemon: it ends with the process that started it, unless that one is killed; then it ends when its work does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from signal import SIG_IGN, SIGINT, signal
from time import perf_counter
from typing import Any, Generic, TypeVar

from surefoot.core.errors import CapReached, ConfigError, DataError, MissingError, SurefootError
from surefoot.optimize.processes import end_process
from surefoot.run.machine import cpu_seconds, peak_memory_bytes

_MIB = 1024 * 1024
_CLOSING_S = 10.0
_KINDS: tuple[type[SurefootError], ...] = (ConfigError, MissingError, DataError, CapReached)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """What came of it, and what it took."""

    value: T
    wall_s: float
    cpu_s: float
    peak_mib: float


def in_child(title: str, work: Callable[..., T], *args: object) -> Work[T]:
    """Runs `work(*args)` in a new process; function, arguments and result must go through a pipe.

    Raises:
        SurefootError: what the work raised, of its kind, or that the process died; `title` says what it was for.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(theirs, work, args), daemon=True)
    began = perf_counter()
    child.start()
    theirs.close()
    try:
        said = ours.recv()
    except EOFError as problem:
        child.join(_CLOSING_S)
        raise SurefootError(
            f"the process for {title} died (exit code {child.exitcode})",
            where=title,
            hint="is there memory enough? What is done is kept: surefoot compare --continue last",
        ) from problem
    finally:
        ours.close()
        end_process(child, _CLOSING_S)
    if isinstance(said, SurefootError):
        raise said
    value, cpu_s, peak_mib = said
    return Work(value, perf_counter() - began, cpu_s, peak_mib)


def _work(pipe: Connection[Any, Any], work: Callable[..., Any], args: tuple[object, ...]) -> None:
    signal(SIGINT, SIG_IGN)  # Ctrl-C is for the process that waits; it ends this one
    try:
        value = work(*args)
    except SurefootError as problem:
        kind = next((one for one in _KINDS if isinstance(problem, one)), SurefootError)
        pipe.send(kind(problem.message, where=problem.where, hint=problem.hint))
        return
    pipe.send((value, cpu_seconds(), (peak_memory_bytes() or 0) / _MIB))
