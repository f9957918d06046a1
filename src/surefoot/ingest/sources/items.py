"""Items that are files: their fingerprints are size and time of change."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from surefoot.core.roles import SourceItem, SourceProblem
from surefoot.ingest.sources.names import shown
from surefoot.ingest.sources.settings import SourceSettings

Found = SourceItem | SourceProblem


def file_item(
    settings: SourceSettings, source: str, inner: str, path: str, status: os.stat_result, base: Path
) -> SourceItem:
    """The item of a file; its fingerprint is size and mtime, and what the source says of its documents."""
    return SourceItem(
        id=f"{source}/{inner}",
        uri=shown(path, base),
        source=source,
        fingerprint=f"{status.st_size}-{status.st_mtime_ns}{settings.marks}",
        path=Path(path),
        meta=settings.meta,
        acl=settings.acl,
        distinct=not settings.duplicates,
    )


def seen_again(item: SourceItem) -> SourceItem:
    """The item with the fingerprint that its file has now.

    Raises:
        OSError: the file is gone or out of reach.
    """
    if item.path is None:
        return item
    status = item.path.stat()
    marks = item.fingerprint.split("-")[2:]
    return replace(
        item, fingerprint="-".join((str(status.st_size), str(status.st_mtime_ns), *marks))
    )


def reason_of(problem: OSError) -> str:
    """Why a file cannot be read, in words."""
    return f"cannot be read: {problem.strerror or problem}"
