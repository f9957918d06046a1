"""How a reading process and its owner talk: one line of JSON, then the text as UTF-8. No pickle.

Before its result a process may send any number of steps; "needs" instead of a result says that another is to read it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO

from surefoot.core.errors import DataError
from surefoot.core.regions import from_row, to_row
from surefoot.core.roles import Extracted

_BLOCK_CHARS = 1024 * 1024
_BLOCK_BYTES = 1024 * 1024


def send(file: BinaryIO, found: Extracted | DataError) -> None:
    """Writes one result, encoding the text block by block."""
    if isinstance(found, DataError):
        head: dict[str, Any] = {"message": found.message, "where": found.where, "hint": found.hint}
    else:
        head = {
            "bytes": sum(len(block.encode()) for block in _blocks(found.text)),
            "title": found.title,
            "markup": found.markup,
            "pages": found.pages,
            "meta": dict(found.meta),
            "notes": found.notes,
            "digest": found.digest,
            "regions": [to_row(region) for region in found.regions],
        }
    file.write(json.dumps(head, ensure_ascii=True).encode("ascii") + b"\n")
    if isinstance(found, Extracted):
        for block in _blocks(found.text):
            file.write(block.encode())
    file.flush()


def send_line(file: BinaryIO, **said: Any) -> None:
    """Writes one line that is no result, such as a step."""
    file.write(json.dumps(said).encode("ascii") + b"\n")
    file.flush()


def receive(line: bytes, read: Callable[[int], bytes]) -> Extracted | DataError:
    """The result whose first line was read; `read(n)` gives at most n more bytes, b"" at the end.

    Raises:
        EOFError: when the text ends early.
    """
    head = json.loads(line)
    if "message" in head:
        return DataError(head["message"], where=head["where"], hint=head["hint"])
    text = _text(head["bytes"], read)
    meta = {name: tuple(v) if isinstance(v, list) else v for name, v in head["meta"].items()}
    found = Extracted(
        text, title=head["title"], markup=head["markup"], meta=meta, digest=head["digest"]
    )
    regions = tuple(from_row(row) for row in head["regions"])
    return replace(found, pages=tuple(head["pages"]), notes=tuple(head["notes"]), regions=regions)


def _text(size: int, read: Callable[[int], bytes]) -> str:
    data, place = bytearray(size), 0
    while place < size:
        block = read(min(size - place, _BLOCK_BYTES))
        if not block:
            raise EOFError("the text ended early")
        data[place : place + len(block)] = block
        place += len(block)
    return data.decode()


def _blocks(text: str) -> list[str] | map[str]:
    if len(text) <= _BLOCK_CHARS:
        return [text]
    return map(lambda start: text[start : start + _BLOCK_CHARS], range(0, len(text), _BLOCK_CHARS))
