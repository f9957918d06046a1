"""Finds the file that a document was read from: an upload, or a file of a local source that has not changed since."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from surefoot.core.digest import sha256_file
from surefoot.core.errors import MissingError, MissingExtra
from surefoot.core.roles import Scope
from surefoot.core.types import Asker, Region
from surefoot.run.uploads import uploads_of

if TYPE_CHECKING:
    from surefoot.core.types import Document
    from surefoot.run.workspace import Workspace

_UPLOADS: Final = "uploads/"
_FOLDERS: Final = ("folder", "glob")
_DRAWN: Final = (".pdf", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")


@dataclass(frozen=True, slots=True)
class Original:
    """The file that a document was read from, and the name that it has for people."""

    file: Path
    name: str

    @property
    def has_pages(self) -> bool:
        """Whether its pages can be drawn: a PDF or a picture."""
        return self.name.lower().endswith(_DRAWN)


def original_of(space: Workspace, document: Document) -> Original | None:
    """The original; None where there is none on this machine, or it is another one by now.

    Of files only those count that a folder, pattern or list of files of the corpus offers: what a document says of
    itself leads nowhere else.
    """
    if document.id.startswith(_UPLOADS):
        found = _upload(space, document.id.removeprefix(_UPLOADS))
    else:
        found = _local(space, document)
    if found is None or sha256_file(found.file) != document.digest:
        return None
    return found


def needed_original(space: Workspace, document_id: str, asker: Asker) -> Original:
    """The original of a document that the asker may read.

    Raises:
        MissingError: there is no such document for them, or no original of it.
    """
    document = space.resources.index().document(document_id, scope=Scope(asker=asker))
    found = original_of(space, document) if document is not None else None
    if document is None:
        raise MissingError("there is no such document")
    if found is None:
        raise MissingError(
            "its original is not here, or was changed since it was read", hint="surefoot sync"
        )
    return found


def page_of(space: Workspace, original: Original, page: int) -> bytes:
    """A page of a PDF, or a picture, as PNG.

    Raises:
        MissingExtra: the packages that draw pages are not installed.
        DataError: it has no such page, or cannot be shown.
    """
    if not can_draw():
        raise MissingExtra("pillow", extra="media", why="showing pages")
    from surefoot.ingest.extract.pool import picture_of

    return picture_of(original.file, Region(0, 0, page=page), space.resources.corpus.limits)


def can_draw() -> bool:
    """Whether the packages that draw pages are installed."""
    from importlib.util import find_spec

    return find_spec("PIL") is not None


def _upload(space: Workspace, id: str) -> Original | None:
    with uploads_of(space) as book:
        upload = book.find(id)
        if upload is None:
            return None
        file = book.content(upload)
    return Original(file, upload.name) if file.is_file() else None


def _local(space: Workspace, document: Document) -> Original | None:
    given = space.root / Path(document.uri)
    for name, root, files in _places(space):
        if not document.id.startswith(f"{name}/"):
            continue
        real = Path(os.path.realpath(given))
        inside = real in files or (root is not None and real.is_relative_to(root))
        if inside and real.is_file():
            return Original(real, given.name)
    return None


def _places(space: Workspace) -> Iterator[tuple[str, Path | None, frozenset[Path]]]:
    """Of each local source its name, and the folder or the files that it reads."""
    for settings in space.resources.corpus.sources:
        if settings.kind in _FOLDERS:
            source = space.resources.source(settings)
            root: Path = source.root  # type: ignore[attr-defined]
            yield source.name, Path(os.path.realpath(root)), frozenset()
        elif settings.kind == "files":
            source = space.resources.source(settings)
            paths = [space.root / Path(one).expanduser() for one in settings.paths]  # type: ignore[attr-defined]
            yield source.name, None, frozenset(Path(os.path.realpath(one)) for one in paths)
