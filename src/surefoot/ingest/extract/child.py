"""The reading process: takes paths on stdin, gives texts on stdout, until stdin closes.

Run as ``python -m surefoot.ingest.extract.child``. The first line that it reads is its `Orders` as JSON;
each further line is a path, or a page to be shown, as JSON. It answers "ready" once, then one result for each line,
with steps before it where recognising text or speech takes long.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from surefoot.config.solution import Limits
from surefoot.core.errors import DataError, MissingExtra
from surefoot.core.roles import Extracted
from surefoot.ingest.extract import sandbox, wire
from surefoot.ingest.extract.media.orders import NeedsMedia, Orders
from surefoot.ingest.extract.media.reader import MediaReader
from surefoot.ingest.extract.media.showing import Showing, shown
from surefoot.ingest.extract.read import read_file


def main() -> int:
    """Serves until stdin closes; returns the exit status."""
    # What a library prints must not end up among the results.
    results = os.fdopen(os.dup(1), "wb", buffering=1024 * 1024)
    os.dup2(2, 1)
    lines = sys.stdin.buffer
    orders = Orders.model_validate_json(lines.readline())
    limited = sandbox.enter()
    wire.send_line(results, ready=True, limited=limited)
    serve(lines, results, orders)
    return 0


def serve(lines: BinaryIO, results: BinaryIO, orders: Orders) -> None:
    """Reads one file for each line."""
    media = orders.media
    allowed = {"pages": media.page_seconds, "s": media.minute_seconds}

    def step(done: float, total: float, unit: str) -> None:
        seconds = allowed[unit]
        sandbox.allow(seconds, media.memory_mb)
        wire.send_line(results, step=[done, total, unit], seconds=seconds)

    reader = MediaReader(orders, step, sandbox.lift)
    for line in lines:
        sandbox.allow_one_file(orders.limits)
        try:
            # Nothing is named here: a name would hold a large text until the next file is asked for.
            wire.send(results, _done(json.loads(line), orders.limits, reader))
        except NeedsMedia as wanted:
            wire.send_line(results, needs=wanted.need)
        except MemoryError:
            return


def _done(order: str | dict[str, Any], limits: Limits, media: MediaReader) -> Extracted | DataError:
    """A file is read; a page to be shown comes as base64."""
    if isinstance(order, str):
        path = Path(order)
        return _guarded(path, limits, media, lambda: read_file(path, limits, media))
    showing = Showing.model_validate(order)
    return _guarded(
        Path(showing.path),
        limits,
        media,
        lambda: Extracted(base64.b64encode(shown(showing, limits)).decode()),
    )


def _guarded(
    path: Path, limits: Limits, media: MediaReader, work: Callable[[], Extracted]
) -> Extracted | DataError:
    try:
        return work()
    except DataError as problem:
        return problem
    except MissingExtra as problem:
        return DataError(problem.message, where=str(path), hint=problem.hint)
    except (MemoryError, OSError) as problem:
        # Native readers report a failed allocation as an OSError.
        return (
            over_memory(path, limits, media)
            if isinstance(problem, MemoryError)
            else _failed(path, problem)
        )
    except (
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        AttributeError,
        RuntimeError,
        AssertionError,
    ) as problem:
        return _failed(path, problem)


def over_memory(path: Path, limits: Limits, media: MediaReader) -> DataError:
    """Says that the file took more memory than allowed."""
    recognising = media.is_open
    allowed = media.settings.memory_mb if recognising else limits.memory_mb
    return DataError(
        f"needs more than the allowed {allowed} MB of memory to read",
        where=str(path),
        hint=f"raise corpus.{'media' if recognising else 'limits'}.memory_mb to {2 * allowed}",
    )


def _failed(path: Path, problem: Exception) -> DataError:
    return DataError(
        f"could not be read: {type(problem).__name__}: {str(problem)[:200]}",
        where=str(path),
        hint="open it in its own program and save it again, or leave it out",
    )


if __name__ == "__main__":
    sys.exit(main())
