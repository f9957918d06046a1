"""The files below a folder. Reads no content and never leaves its root."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from surefoot.core.roles import SourceProblem
from surefoot.ingest.sources.items import Found, file_item, reason_of
from surefoot.ingest.sources.matching import Matcher
from surefoot.ingest.sources.names import clean_name, is_inside, shown
from surefoot.ingest.sources.settings import SourceSettings

LEFT_OUT = ("~$*", "Thumbs.db", "desktop.ini", "__MACOSX/**", "__pycache__/**", "node_modules/**")


class FolderSettings(SourceSettings):
    """All files below a folder."""

    kind: Literal["folder"] = "folder"
    path: str
    include: tuple[str, ...] = Field(
        default=(), description='such as "*.pdf" or "manuals/**"; empty = all files'
    )
    exclude: tuple[str, ...] = LEFT_OUT
    hidden: bool = Field(default=False, description="whether names that begin with a dot count")
    follow_symlinks: bool = Field(
        default=False, description="whether links are read; never out of the folder"
    )


class FolderSource:
    """Walks a folder with `os.scandir`, in the order of the names."""

    Settings = FolderSettings

    def __init__(self, settings: FolderSettings, base: Path) -> None:
        self._settings = settings
        self._base = base
        self.root = (base / Path(settings.path).expanduser()).absolute()
        self.name = settings.name or clean_name(self.root.resolve().name) or "files"
        self._include = Matcher(settings.include)
        self._exclude = Matcher(settings.exclude)

    def items(self) -> Iterator[Found]:
        """One item a file; what cannot be offered is a problem with its reason."""
        if not self.root.is_dir():
            yield self._problem(
                "", "there is no such folder", f"check the path {self._settings.path}", keep=True
            )
            return
        real = os.path.realpath(self.root)
        empty = True
        for found in self._walk(str(self.root), "", real, frozenset((real,))):
            empty = False
            yield found
        if empty:
            yield self._problem("", "holds no files to read", "check path, include and exclude")

    def _walk(self, folder: str, inner: str, real: str, above: frozenset[str]) -> Iterator[Found]:
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as problem:
            yield self._problem(inner, reason_of(problem), "check the permissions", keep=True)
            return
        for entry in entries:
            path = f"{inner}/{entry.name}" if inner else entry.name
            if (entry.name.startswith(".") and not self._settings.hidden) or self._exclude(path):
                continue
            if entry.is_symlink():
                yield from self._link(entry, path, real, above)
            elif entry.is_dir(follow_symlinks=False):
                yield from self._walk(entry.path, path, real, above)
            elif not self._settings.include or self._include(path):
                yield self._file(entry, path)

    def _link(
        self, entry: os.DirEntry[str], path: str, real: str, above: frozenset[str]
    ) -> Iterator[Found]:
        target = os.path.realpath(entry.path)
        if not is_inside(target, real):
            hint = "add the target's own folder as a source"
            yield self._problem(path, "a symbolic link out of the folder is not followed", hint)
        elif not Path(target).exists():
            yield self._problem(path, "a symbolic link to nothing", "remove or mend the link")
        elif not self._settings.follow_symlinks:
            return
        elif Path(target).is_dir():
            if target not in above:
                yield from self._walk(entry.path, path, real, above | {target})
        elif not self._settings.include or self._include(path):
            yield self._file(entry, path)

    def _file(self, entry: os.DirEntry[str], path: str) -> Found:
        try:
            status = entry.stat()
        except OSError as problem:
            return self._problem(path, reason_of(problem), "check the file", keep=True)
        if not stat.S_ISREG(status.st_mode):
            return self._problem(path, "not a regular file", "remove it or exclude its name")
        return file_item(
            self._settings, self.name, clean_name(path), entry.path, status, self._base
        )

    def _problem(self, path: str, reason: str, hint: str, *, keep: bool = False) -> SourceProblem:
        place = clean_name(path)
        return SourceProblem(
            id=f"{self.name}/{place}" if place else self.name,
            uri=shown(f"{self.root}{os.sep}{path}" if path else str(self.root), self._base),
            source=self.name,
            reason=reason,
            hint=hint,
            keep=keep,
        )
