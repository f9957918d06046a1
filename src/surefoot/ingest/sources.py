"""Lists files: a folder, a list of files, a glob pattern. Reads no content and never leaves its root."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from surefoot.config.base import PartSettings
from surefoot.core.digest import digest_json
from surefoot.core.roles import SourceItem, SourceProblem
from surefoot.core.types import Acl, MetaValue

Found = SourceItem | SourceProblem

_LEFT_OUT = ("~$*", "Thumbs.db", "desktop.ini", "__MACOSX/**", "__pycache__/**", "node_modules/**")
_MAGIC = re.compile(r"[*?\[]")
_GLYPH = re.compile(r"\[!?[^\]]+\]|.", re.DOTALL)


class SourceSettings(PartSettings):
    """What all sources have: a name, metadata and readers given to all their documents."""

    name: str = Field(default="", description="begins the ids of the documents; the folder's name")
    meta: Mapping[str, MetaValue] = Field(
        default_factory=dict, description="metadata of every document of this source"
    )
    users: tuple[str, ...] = Field(
        default=(), description="only these users (and groups) may read; empty = everyone"
    )
    groups: tuple[str, ...] = ()
    duplicates: bool = Field(
        default=True, description="whether documents that copy another one are left out"
    )

    @property
    def acl(self) -> Acl:
        """Who may read: everyone unless users or groups are named."""
        return Acl(not (self.users or self.groups), self.users, self.groups)


class FolderSettings(SourceSettings):
    """All files below a folder."""

    kind: Literal["folder"] = "folder"
    path: str
    include: tuple[str, ...] = Field(
        default=(), description='such as "*.pdf" or "manuals/**"; empty = all files'
    )
    exclude: tuple[str, ...] = _LEFT_OUT
    hidden: bool = Field(default=False, description="whether names that begin with a dot count")
    follow_symlinks: bool = Field(
        default=False, description="whether links are read; never out of the folder"
    )


class FilesSettings(SourceSettings):
    """The files that are named."""

    kind: Literal["files"] = "files"
    paths: tuple[str, ...] = Field(min_length=1)


class GlobSettings(SourceSettings):
    """The files that a pattern such as `reports/**/*.pdf` matches."""

    kind: Literal["glob"] = "glob"
    pattern: str = Field(min_length=1)
    hidden: bool = False


class FolderSource:
    """Walks a folder with `os.scandir`, in the order of the names."""

    Settings = FolderSettings

    def __init__(self, settings: FolderSettings, base: Path) -> None:
        self._settings = settings
        self._base = base
        self.root = (base / Path(settings.path).expanduser()).absolute()
        self.name = settings.name or clean_name(self.root.resolve().name) or "files"
        self._include = _Matcher(settings.include)
        self._exclude = _Matcher(settings.exclude)

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
            yield self._problem(inner, _reason(problem), "check the permissions", keep=True)
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
            return self._problem(path, _reason(problem), "check the file", keep=True)
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


class FilesSource:
    """The files of a list, in its order."""

    Settings = FilesSettings

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
                yield self._problem(inner, _reason(problem), "check the path", keep=keep)
                continue
            if not stat.S_ISREG(status.st_mode):
                hint = 'add a folder with kind = "folder"'
                yield self._problem(inner, "not a regular file", hint)
                continue
            yield file_item(self._settings, self.name, inner, str(path), status, self._base)

    def _problem(self, inner: str, reason: str, hint: str, *, keep: bool = False) -> SourceProblem:
        return SourceProblem(f"{self.name}/{inner}", inner, self.name, reason, hint, keep)


class GlobSource(FolderSource):
    """The folder before the first `*`, `?` or `[` of the pattern, and what the rest of it matches below."""

    Settings = GlobSettings  # type: ignore[assignment]

    def __init__(self, settings: GlobSettings, base: Path) -> None:
        parts = Path(settings.pattern).expanduser().as_posix().split("/")
        fixed = next((i for i, part in enumerate(parts) if _MAGIC.search(part)), len(parts) - 1)
        shared = settings.model_dump(exclude={"kind", "pattern"})
        super().__init__(
            FolderSettings(
                path="/".join(parts[:fixed]) or ("/" if settings.pattern[0] == "/" else "."),
                include=("/" + "/".join(parts[fixed:]),),
                **shared,
            ),
            base,
        )


def file_item(
    settings: SourceSettings, source: str, inner: str, path: str, status: os.stat_result, base: Path
) -> SourceItem:
    """The item of a file; its fingerprint is size and mtime, and what the source says of its documents."""
    said = [dict(settings.meta), settings.users, settings.groups]
    marks = f"-{digest_json(said)[:8]}" if any(said) else ""
    return SourceItem(
        id=f"{source}/{inner}",
        uri=shown(path, base),
        source=source,
        fingerprint=f"{status.st_size}-{status.st_mtime_ns}{marks}",
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


def clean_name(path: str) -> str:
    r"""A path as part of an id: NFC, `/` between its parts, bytes that are no UTF-8 as `\xff`."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return unicodedata.normalize("NFC", text).replace(os.sep, "/")


def shown(path: str, base: Path) -> str:
    """A path for people: relative to `base` where it is below it."""
    root = str(base.absolute()).rstrip(os.sep) + os.sep
    return clean_name(path.removeprefix(root))


def is_inside(real: str, root: str) -> bool:
    """Whether a resolved path is the resolved root or below it."""
    return real == root or real.startswith(root.rstrip(os.sep) + os.sep)


def _reason(problem: OSError) -> str:
    return f"cannot be read: {problem.strerror or problem}"


class _Matcher:
    """Whether a relative path matches a pattern; one without `/` (`*.pdf`, `drafts/**`) matches at any depth."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        joined = "|".join(_regex(pattern) for pattern in patterns)
        self._regex = re.compile(joined) if joined else None

    def __call__(self, path: str) -> bool:
        return bool(self._regex and self._regex.match(clean_name(path)))


def _regex(pattern: str) -> str:
    anchored = "/" in pattern.rstrip("/").removesuffix("/**")
    parts = [unicodedata.normalize("NFC", part) for part in pattern.split("/") if part]
    text = "" if anchored else "(?:.*/)?"
    for part, after in zip(parts, [*parts[1:], None], strict=True):
        if part == "**":
            text += ".*" if after is None else "(?:.*/)?"
        else:
            text += _GLYPH.sub(_glyph, part)
            text += "" if after is None else "(?:/|$)" if after == "**" else "/"
    return f"(?:{text})$"


def _glyph(match: re.Match[str]) -> str:
    mark = match.group()
    if mark in ("*", "?"):
        return "[^/]*" if mark == "*" else "[^/]"
    if len(mark) > 1:
        return f"[{'^' if mark[1] == '!' else ''}{re.escape(mark[1:-1].lstrip('!')).replace(chr(92) + '-', '-')}]"
    return re.escape(mark)
