"""Brings in the bytes of a file that somebody gave; what is said of them never names where they lay meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from surefoot.core.errors import SurefootError
from surefoot.evaluate.evalsets.importing.cases import (
    Imported,
    LeftOut,
    Wanted,
    import_evalset,
)
from surefoot.evaluate.evalsets.library import Library


def import_given(
    data: bytes, file_name: str, wanted: Wanted, library: Library | None = None
) -> Imported:
    """The questions of a file given as its bytes; the ending of its name says the kind. Raises as `import_evalset`."""
    ending = PurePosixPath(file_name).suffix[:16]
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{wanted.name}{ending}"
        path.write_bytes(data)
        try:
            found = import_evalset(path, wanted, library)
        except SurefootError as problem:
            problem.where = problem.where.replace(str(path), file_name)
            problem.message = problem.message.replace(str(path), file_name)
            raise
    left_out, remarks = (
        _renamed(items, str(path), file_name) for items in (found.left_out, found.remarks)
    )
    return replace(found, left_out=left_out, remarks=remarks)


def _renamed(items: Sequence[LeftOut], path: str, name: str) -> tuple[LeftOut, ...]:
    return tuple(
        LeftOut(one.where.replace(path, name), one.reason.replace(path, name)) for one in items
    )
