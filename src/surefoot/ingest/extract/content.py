"""The bytes of one file or attachment, read once, with the digest of what was read. Knows no formats."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from surefoot.core.errors import DataError
from surefoot.ingest.extract.media.orders import Need, Orders
from surefoot.ingest.extract.media.reader import MediaReader

if TYPE_CHECKING:
    from surefoot.config.solution import Limits

_HEAD_BYTES = 64 * 1024
_BLOCK_BYTES = 1024 * 1024
MB = 1024 * 1024


class Content:
    """Named bytes. `depth` counts the containers around them (0 for a file, 1 for its attachment).

    `media` recognises text and speech, or says why not; `path` is where a file lies.
    """

    def __init__(
        self,
        name: str,
        file: BinaryIO,
        limits: Limits,
        depth: int = 0,
        media: MediaReader | None = None,
    ) -> None:
        self.name = name
        self.limits = limits
        self.depth = depth
        self.media = media or MediaReader(Orders())
        self.path: Path | None = None
        self.digest = ""
        self._file = file

    @property
    def suffix(self) -> str:
        """The name's extension in lower case, with its dot."""
        return Path(self.name).suffix.lower()

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB."""
        self._file.seek(0)
        return self._file.read(_HEAD_BYTES)

    @cached_property
    def data(self) -> bytes:
        """All bytes."""
        self._file.seek(0)
        data = self._file.read()
        self.digest = hashlib.sha256(data).hexdigest()
        return data

    def blocks(self) -> Iterator[bytes]:
        """All bytes, 1 MiB at a time, without holding them together."""
        self._file.seek(0)
        sha = hashlib.sha256()
        while block := self._file.read(_BLOCK_BYTES):
            sha.update(block)
            yield block
        self.digest = sha.hexdigest()

    def media_for(self, need: Need, what: str) -> None:
        """Passes where text or speech can be recognised here; `what` says what the content is, for the message.

        Raises:
            NeedsMedia: another process is to read the file.
            DataError: it is not wanted, not installed, or the content lies inside another file.
        """
        if self.depth:
            raise DataError(f"{what} inside another file", hint="save it by itself")
        self.media.require(need, what)

    def inner(self, name: str, data: bytes) -> Content:
        """What lies inside this content, one level deeper."""
        return Content(name, io.BytesIO(data), self.limits, self.depth + 1, self.media)


def open_file(path: Path, limits: Limits) -> BinaryIO:
    """Opens a regular file that is within `limits.max_file_mb`.

    Raises:
        DataError: when it is missing, unreadable, no regular file, or too large.
    """
    try:
        # A pipe would block the open itself, hence O_NONBLOCK; regular files ignore it.
        number = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
    except FileNotFoundError:
        raise DataError("is no longer there", where=str(path), hint="sync again") from None
    except PermissionError:
        raise DataError(
            "cannot be read: permission denied",
            where=str(path),
            hint="give this user read permission, or leave the file out of the sources",
        ) from None
    except OSError as problem:
        raise DataError(
            f"cannot be read: {problem.strerror or problem}", where=str(path), hint="check the disk"
        ) from None
    try:
        _check(path, os.fstat(number), limits)
    except DataError:
        os.close(number)
        raise
    return os.fdopen(number, "rb")


def fingerprint(path: Path) -> tuple[int, int, int]:
    """Size, time of change (ns) and inode: what differs when a file was written or replaced."""
    try:
        state = path.stat()
    except OSError:
        return (-1, -1, -1)
    return state.st_size, state.st_mtime_ns, state.st_ino


def _check(path: Path, state: os.stat_result, limits: Limits) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise DataError(
            "is not a regular file", where=str(path), hint="leave it out of the sources"
        )
    if state.st_size > limits.max_file_mb * MB:
        raise DataError(
            f"is {state.st_size / MB:.1f} MB, over the limit of {limits.max_file_mb} MB a file",
            where=str(path),
            hint=f"raise corpus.limits.max_file_mb to {state.st_size // MB + 1}",
        )
