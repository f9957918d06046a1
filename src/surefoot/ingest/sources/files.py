"""The files of a list."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from surefoot.core.roles import SourceProblem
from surefoot.ingest.sources.items import Found, file_item, reason_of
from surefoot.ingest.sources.names import clean_name, shown
from surefoot.ingest.sources.settings import SourceSettings


class FilesSettings(SourceSettings):
    """The files that are named."""

    kind: Literal["files"] = "files"
    paths: tuple[str, ...] = Field(min_length=1)


class FilesSource:
    """The files of a list, in its order."""

    Settings = FilesSettings
    whole_ids = True
    """Its ids are whole paths: sources of this kind may share a name."""

    def __init__(self, settings: FilesSettings, base: Path) -> None:
        self._settings = settings
        self._base = base
        self.name = settings.name or "files"

    def items(self) -> Iterator[Found]:
        """One item a file; a file that is missing, or not a file, is a problem."""
        for given in self._settings.paths:
            path = (self._base / Path(given).expanduser()).absolute()
            inner = clean_name(shown(str(path), self._base)).lstrip("/")
            try:
                status = path.stat()
            except OSError as problem:
                keep = not isinstance(problem, FileNotFoundError)
                yield self._problem(inner, reason_of(problem), "check the path", keep=keep)
                continue
            if not stat.S_ISREG(status.st_mode):
                hint = 'add a folder with kind = "folder"'
                yield self._problem(inner, "not a regular file", hint)
                continue
            yield file_item(self._settings, self.name, inner, str(path), status, self._base)

    def _problem(self, inner: str, reason: str, hint: str, *, keep: bool = False) -> SourceProblem:
        return SourceProblem(f"{self.name}/{inner}", inner, self.name, reason, hint, keep)
