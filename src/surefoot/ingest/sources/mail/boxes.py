"""Finds the mails of mbox files and Maildir folders.

What mail programs write for themselves, such as that a mail was read, is not its content.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from surefoot.core.errors import DataError, TransientError
from surefoot.ingest.sources.mail.folder_names import decoded

_LINE_BYTES = 64 * 1024
_HEAD_BYTES = 16 * 1024
_BLOCK_BYTES = 1024 * 1024
_BEGINS = re.compile(rb"From (?:.*\d\d?:\d\d.*\d{4}\b.*)?\s*$")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?<?([^\s<>]+)", re.I | re.M)
_READERS_OWN = re.compile(
    rb"(?:x-)?status:|x-keywords:|x-uid:|x-imapbase:|x-mozilla-|content-length:|lines:", re.I
)
"""Headers that mail programs write into an mbox file for themselves."""


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail where it is stored: its folder in the box, its Message-ID, and what changes when its content does.

    `key` names it where it has no Message-ID or shares one; `write` puts its bytes into a file.
    """

    folder: str
    message_id: str
    key: str
    fingerprint: str
    write: Callable[[Path], None]


def mbox_mails(path: Path) -> Iterator[StoredMail]:
    """The mails of an mbox file, in its order.

    Raises:
        OSError: it cannot be read.
        DataError: it is no mbox file.
    """
    with path.open("rb") as file:
        for start, stop in _spans(file):
            place = file.tell()
            file.seek(start)
            head, digest = _looked_at(file, stop - start)
            file.seek(place)
            yield StoredMail(
                folder="",
                message_id=message_id(head),
                key=digest[:16],
                fingerprint=digest[:32],
                write=partial(_cut_out, path, start, stop, digest),
            )


def maildir_mails(root: Path) -> Iterator[StoredMail]:
    """The mails of a Maildir folder and the ones below it, in the order of their names.

    Raises:
        OSError: a folder cannot be read.
        DataError: there is no Maildir.
    """
    found = False
    for folder, below, _ in os.walk(root, onerror=_raised):
        below.sort()
        if "cur" not in below or "new" not in below:
            continue
        found = True
        below[:] = [name for name in below if name not in ("cur", "new", "tmp")]
        inner = Path(folder).relative_to(root).as_posix()
        yield from _maildir(Path(folder), "" if inner == "." else decoded(inner))
    if not found:
        raise DataError("is no Maildir", hint="a Maildir holds the folders cur, new and tmp")


def is_mailbox(path: Path) -> bool:
    """Whether a file is named and begins as an mbox file does, or a folder is a Maildir; False if it cannot be read."""
    if path.is_dir():
        return (path / "cur").is_dir() and (path / "new").is_dir()
    if path.suffix.lower() not in ("", ".mbox", ".mbx"):
        return False
    try:
        with path.open("rb") as file:
            return _BEGINS.match(file.readline(_LINE_BYTES)) is not None
    except OSError:
        return False


def message_id(head: bytes) -> str:
    """The Message-ID as part of an id; empty where a mail has none."""
    match = _MESSAGE_ID.search(head.replace(b"\r\n", b"\n").partition(b"\n\n")[0])
    text = match[1].decode("utf-8", "replace") if match else ""
    plain = text.replace("%", "%25").replace("/", "%2F")
    return "".join(char for char in plain if char.isprintable())[:200]


def _spans(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Where each mail begins, behind its `From ` line, and ends; such a line holds a time and a year."""
    start, whole = -1, True
    while True:
        at = file.tell()
        line = file.readline(_LINE_BYTES)
        if not line:
            break
        if whole and _BEGINS.match(line):
            if start >= 0:
                yield start, at
            start = at + len(line)
        elif start < 0 and line.strip():
            raise DataError(
                "is no mbox file",
                hint='such a file begins with a line like "From ann Thu May  2 10:00:00 2024"',
            )
        whole = line.endswith(b"\n")
    if start >= 0:
        yield start, file.tell()


def _looked_at(file: BinaryIO, length: int) -> tuple[bytes, str]:
    """The head of the next mail, and the hash of its bytes without what mail programs write for themselves."""
    head = _head(file, length)
    sha = hashlib.sha256(b"".join(_kept(head.splitlines(keepends=True))))
    left = length - len(head)
    while left > 0 and (block := file.read(min(left, _BLOCK_BYTES))):
        sha.update(block)
        left -= len(block)
    return head, sha.hexdigest()


def _head(file: BinaryIO, length: int) -> bytes:
    lines: list[bytes] = []
    taken = 0
    while taken < length:
        line = file.readline(min(_LINE_BYTES, length - taken))
        lines.append(line)
        taken += len(line)
        if not line.strip() or taken > _BLOCK_BYTES:
            break
    return b"".join(lines)


def _kept(lines: Iterable[bytes]) -> Iterator[bytes]:
    dropped = False
    for line in lines:
        if line[:1] not in (b" ", b"\t"):
            dropped = bool(_READERS_OWN.match(line))
        if not dropped:
            yield line


def _cut_out(path: Path, start: int, stop: int, digest: str, target: Path) -> None:
    """Writes one mail of an mbox file.

    Raises:
        TransientError: the file has changed since it was listed.
    """
    with path.open("rb") as file:
        file.seek(start)
        if _looked_at(file, stop - start)[1] != digest:
            raise TransientError("the mailbox changed while it was read", hint="sync again")
        file.seek(start)
        target.write_bytes(_QUOTED.sub(rb"\1", file.read(stop - start)))


def _maildir(folder: Path, inner: str) -> Iterator[StoredMail]:
    listed = (os.scandir(folder / place) for place in ("cur", "new"))
    for entry in sorted(chain.from_iterable(listed), key=lambda entry: entry.name):
        status = entry.stat(follow_symlinks=False)
        if entry.name.startswith(".") or not stat.S_ISREG(status.st_mode):
            continue
        path = Path(entry.path)
        key = entry.name.partition(":2,")[0]
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        yield StoredMail(
            folder=inner,
            message_id=message_id(head),
            key="".join(char for char in key if char.isprintable()),
            fingerprint=f"{status.st_size}-{status.st_mtime_ns}",
            write=partial(_copy, folder, key),
        )


def _copy(folder: Path, key: str, target: Path) -> None:
    """Writes one mail of a Maildir, which a mail program may have renamed in the meantime."""
    for place in ("cur", "new", "cur"):
        for path in sorted((folder / place).iterdir()):
            if path.name.partition(":2,")[0] == key:
                target.write_bytes(path.read_bytes())
                return
    raise DataError("is no longer there", hint="sync again")


def _raised(problem: OSError) -> None:
    raise problem
