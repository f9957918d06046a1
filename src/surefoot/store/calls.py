"""Runs LanceDB's operations to their end and turns its failures into ours.

LanceDB's plain interface costs some 3 ms of processor time a query more than the one used here.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from surefoot.core.errors import SurefootError, TransientError
from surefoot.store.library import lancedb

T = TypeVar("T")


def wait(operation: Coroutine[Any, Any, T]) -> T:
    """The operation's result.

    Raises:
        TransientError: another writer committed at the same time.
        SurefootError: the disk is full, or the tables cannot be read.
    """
    from lancedb import background_loop

    loop: Any = background_loop.LOOP
    try:
        result: T = loop.run(operation)
    except (RuntimeError, OSError) as problem:
        raise _explained(problem) from problem
    return result


def connect(location: str, storage_options: Mapping[str, str] | None) -> Any:
    """A connection whose every operation sees the newest commit of any process."""
    options = dict(storage_options) if storage_options else None
    return wait(
        lancedb().connect_async(
            location, read_consistency_interval=timedelta(0), storage_options=options
        )
    )


def _explained(problem: Exception) -> SurefootError:
    lines = str(problem).splitlines() or [repr(problem)]
    text = lines[0][:500]
    if "commit conflict" in text.lower():
        return TransientError(f"another writer committed at the same time: {text}")
    if "no space left" in text.lower():
        return SurefootError(f"the disk is full: {text}", hint="free space, then run it again")
    return SurefootError(
        f"the index failed: {text}", hint="surefoot repair checks the tables and mends them"
    )
