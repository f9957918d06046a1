"""How a screen's work is done elsewhere: the command and the HTTP call, ready to paste."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class How:
    """The same as a command line and as a call of the API; an empty one is not shown."""

    command: str = ""
    call: str = ""


def command(*words: str) -> str:
    """`surefoot` with these arguments, quoted for a shell."""
    return shlex.join(["surefoot", *words])


def call(
    base: str, path: str, body: Any = None, *, method: str = "", upload: Sequence[str] = ()
) -> str:
    """A line for curl; `upload` are its `-F` fields, `body` goes out as JSON."""
    parts = ["curl"]
    if method:
        parts += ["-X", method]
    parts.append(base.rstrip("/") + path)
    for field in upload:
        parts += ["-F", field]
    if body is not None:
        parts += ["-H", "content-type: application/json"]
        parts += ["-d", json.dumps(body, ensure_ascii=False)]
    return shlex.join(parts)
