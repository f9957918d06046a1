"""Keeps conversations: one file each in a workspace, readable by its owner alone."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.run.places import CONVERSATIONS, INNER

_NAME = re.compile(r"[\w-]{1,80}")


@dataclass(frozen=True, slots=True)
class Talk:
    """A kept conversation: its name, how many questions it has, and the first of them."""

    name: str
    questions: int
    first: str


class Talks:
    """The conversations of a workspace. Each line of a file is one thing that happened, as JSON."""

    def __init__(self, root: Path) -> None:
        self._folder = root / INNER / CONVERSATIONS

    def new_name(self) -> str:
        """A name that is free: the next number."""
        numbers = [int(name) for name in self._names() if name.isdigit()]
        return f"{max(numbers, default=0) + 1:04}"

    def latest(self) -> str:
        """The conversation that was last gone on with.

        Raises:
            MissingError: there is none.
        """
        files = [self._file(name) for name in self._names()]
        if not files:
            raise MissingError("there is no conversation to go on with", hint="surefoot chat")
        return max(files, key=lambda file: (file.stat().st_mtime_ns, file.stem)).stem

    def all(self) -> list[Talk]:
        """Every kept conversation, by name."""
        return [self._told(name) for name in self._names()]

    def read(self, name: str) -> list[dict[str, Any]]:
        """What happened, in order; a last line that was cut off by a crash is left out.

        Raises:
            MissingError: there is no such conversation.
            DataError: a line is damaged.
        """
        file = self._file(name)
        if not file.is_file():
            raise MissingError(f"there is no conversation {name!r}", hint="surefoot chat --list")
        whole, _, _ = file.read_bytes().rpartition(b"\n")
        try:
            return [dict(json.loads(line)) for line in whole.split(b"\n") if line]
        except (ValueError, TypeError) as problem:
            raise DataError(f"is damaged: {problem}", where=str(file)) from None

    def add(self, name: str, happened: Mapping[str, Any]) -> None:
        """Writes down one more thing that happened."""
        file = self._file(name)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = json.dumps(happened, ensure_ascii=False) + "\n"
        flags = os.O_RDWR | os.O_CREAT
        with os.fdopen(os.open(file, flags, 0o600), "r+b") as out:
            kept = out.read()
            out.truncate(kept.rfind(b"\n") + 1)  # what a crash left of a line
            out.seek(0, os.SEEK_END)
            out.write(line.encode())

    def delete(self, name: str) -> None:
        """Deletes a conversation.

        Raises:
            MissingError: there is no such conversation.
        """
        file = self._file(name)
        if not file.is_file():
            raise MissingError(f"there is no conversation {name!r}", hint="surefoot chat --list")
        file.unlink()

    def _told(self, name: str) -> Talk:
        asked = [str(line["question"]) for line in self.read(name) if "question" in line]
        return Talk(name, len(asked), asked[0] if asked else "")

    def _names(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        return sorted(file.stem for file in self._folder.glob("*.jsonl"))

    def _file(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"{name!r} cannot name a conversation", hint="letters, digits, - and _"
            )
        return self._folder / f"{name}.jsonl"
