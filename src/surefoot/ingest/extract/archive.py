"""Looks into a zip container before anything unpacks it: entries, total size, ratio, encryption."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING

from surefoot.core.errors import DataError
from surefoot.ingest.extract.content import MB, Content

if TYPE_CHECKING:
    from surefoot.config.solution import Limits

MAX_ENTRIES = 10_000
MAX_RATIO = 100
_RATIO_COUNTS_FROM = 16 * MB
_UNPACKED_TIMES = 4
_ENCRYPTED = 0x1


def checked_archive(content: Content) -> zipfile.ZipFile:
    """The container, opened, when it is safe to unpack.

    Raises:
        DataError: when it is damaged, encrypted, or unpacks to suspiciously much.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content.data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as problem:
        raise DataError(
            f"is damaged: its container cannot be opened ({problem})",
            hint="open it in its own program and save it again",
        ) from None
    _check(archive.infolist(), content.limits)
    return archive


def read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """One entry, never more than it declares.

    Raises:
        DataError: when the entry is damaged.
    """
    try:
        with archive.open(name) as file:
            return file.read(archive.getinfo(name).file_size)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as problem:
        raise DataError(
            f"is damaged: {name} cannot be unpacked ({problem})",
            hint="open it in its own program and save it again",
        ) from None


def _check(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > MAX_ENTRIES:
        raise DataError(
            f"holds {len(entries)} entries, over the limit of {MAX_ENTRIES}: refused as a zip bomb",
            hint="split the file",
        )
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise DataError("is encrypted", hint="save a copy without a password")
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if unpacked > limits.max_file_mb * _UNPACKED_TIMES * MB:
        raise DataError(
            f"unpacks to {unpacked / MB:.0f} MB, over the limit of "
            f"{limits.max_file_mb * _UNPACKED_TIMES} MB",
            hint=f"raise corpus.limits.max_file_mb to {unpacked // (_UNPACKED_TIMES * MB) + 1}"
            " if you trust the file",
        )
    if unpacked > _RATIO_COUNTS_FROM and unpacked / packed > MAX_RATIO:
        raise DataError(
            f"unpacks to {unpacked / packed:.0f} times its size ({unpacked / MB:.0f} MB): "
            "refused as a zip bomb",
            hint="open it in its own program and save it again, or split it",
        )
