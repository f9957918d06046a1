"""The reading process: takes paths on stdin, gives texts on stdout, until stdin closes.

Run as ``python -m surefoot.ingest.extract.child``. The first line that it reads is the limits as JSON;
each further line is a path as JSON. It answers "ready" once, then one result for each path.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import BinaryIO

from surefoot.config.solution import Limits
from surefoot.core.errors import DataError
from surefoot.core.roles import Extracted
from surefoot.ingest.extract import sandbox, wire
from surefoot.ingest.extract.read import read_file


def main() -> int:
    """Serves until stdin closes; returns the exit status."""
    # What a library prints must not end up among the results.
    results = os.fdopen(os.dup(1), "wb", buffering=1024 * 1024)
    os.dup2(2, 1)
    orders = sys.stdin.buffer
    limits = Limits.model_validate_json(orders.readline())
    limited = sandbox.enter()
    results.write(json.dumps({"ready": True, "limited": limited}).encode() + b"\n")
    results.flush()
    serve(orders, results, limits)
    return 0


def serve(orders: BinaryIO, results: BinaryIO, limits: Limits) -> None:
    """Reads one file for each line of orders."""
    for line in orders:
        sandbox.allow_one_file(limits)
        try:
            # Nothing is named here: a name would hold a large text until the next file is asked for.
            wire.send(results, _read(Path(json.loads(line)), limits))
        except MemoryError:
            return


def _read(path: Path, limits: Limits) -> Extracted | DataError:
    try:
        return read_file(path, limits)
    except DataError as problem:
        return problem
    except (MemoryError, OSError) as problem:
        # Native readers report a failed allocation as an OSError.
        return (
            over_memory(path, limits)
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


def over_memory(path: Path, limits: Limits) -> DataError:
    """Says that the file took more memory than allowed."""
    return DataError(
        f"needs more than the allowed {limits.memory_mb} MB of memory to read",
        where=str(path),
        hint=f"raise corpus.limits.memory_mb to {2 * limits.memory_mb}",
    )


def _failed(path: Path, problem: Exception) -> DataError:
    return DataError(
        f"could not be read: {type(problem).__name__}: {str(problem)[:200]}",
        where=str(path),
        hint="open it in its own program and save it again, or leave it out",
    )


if __name__ == "__main__":
    sys.exit(main())
