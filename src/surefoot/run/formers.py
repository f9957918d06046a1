"""The former texts of a workspace's solution file: each that was replaced is kept, and can be put into force again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, ValidationError

from surefoot.config.base import Settings
from surefoot.core.digest import sha256_bytes
from surefoot.core.errors import DataError, MissingError
from surefoot.run.places import INNER
from surefoot.run.sources import identity

FOLDER: Final = "formers"
MOST: Final = 50
"""So many are kept; then the oldest goes."""
Why = Literal["promote", "optimize", "rollback"]
_ID = re.compile(r"[0-9a-f]{16}")
_SHORT = 16


class Former(Settings):
    """A solution file that was replaced: when, in unix nanoseconds, by which act, and what took its place, by name.

    `id` names the text, `digest` the solution that it was. `brought`: the sources that came with what took its place.
    """

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    at_ns: int
    digest: str
    why: Why
    name: str
    text: str
    brought: tuple[tuple[str, str], ...] = ()

    @property
    def when(self) -> int:
        """The same in unix seconds."""
        return self.at_ns // 10**9


class Formers:
    """Those of one workspace, one file each, for its owner's eyes; a text that is replaced again is kept once."""

    def __init__(self, root: Path) -> None:
        self._folder = root / INNER / FOLDER

    def keep(self, replaced: Replaced, why: Why, name: str, at_ns: int) -> Former:
        """Keeps a text that is about to be replaced, and lets the oldest go where there are too many."""
        id = sha256_bytes(replaced.text.encode())[:_SHORT]
        made = Former(
            id=id,
            at_ns=at_ns,
            digest=replaced.digest,
            why=why,
            name=name,
            text=replaced.text,
            brought=replaced.brought,
        )
        self._folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        new = self._folder / f".{id}.new"
        new.touch(mode=0o600)
        new.write_text(made.model_dump_json(), encoding="utf-8")
        new.replace(self._folder / f"{id}.json")
        for old in self.all()[MOST:]:
            (self._folder / f"{old.id}.json").unlink(missing_ok=True)
        return made

    def all(self) -> list[Former]:
        """All of them, the one that was replaced last first.

        Raises:
            DataError: a file is not as it was written.
        """
        found = [_read(file) for file in self._folder.glob("*.json")]
        return sorted(found, key=lambda one: (-one.at_ns, one.id))

    def get(self, id: str) -> Former:
        """One by its id; `last` is the one that was replaced last.

        Raises:
            MissingError: there is none.
        """
        if id == "last" and (found := self.all()):
            return found[0]
        file = self._folder / f"{id}.json"
        if not _ID.fullmatch(id) or not file.is_file():
            raise MissingError(
                f"there is no former solution {id!r}", hint="surefoot solutions history lists them"
            )
        return _read(file)

    def brought(self) -> set[tuple[str, str]]:
        """The sources that came with a solution that took the place of another."""
        return {source for one in self.all() for source in one.brought}


class Replaced(Settings):
    """A text that is about to be replaced, the digest of its solution, and the sources that what follows brings."""

    text: str
    digest: str
    brought: tuple[tuple[str, str], ...] = ()


def sources_of(plain: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The sources that a solution's plain settings name."""
    found: Sequence[Mapping[str, Any]] = plain.get("corpus", {}).get("sources", ())
    return found


def new_sources(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What tells apart the sources that are in the second alone."""
    there = {identity(one) for one in sources_of(before)}
    return tuple(key for one in sources_of(after) if (key := identity(one)) not in there)


def _read(file: Path) -> Former:
    try:
        return Former.model_validate_json(file.read_text(encoding="utf-8"))
    except ValidationError as problem:
        raise DataError(f"cannot be read: {problem}", where=str(file)) from None
