"""Opens a citation at its place in the original: the page with a frame around the words, or the second to play from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from surefoot.core.errors import MissingError
from surefoot.core.regions import covering
from surefoot.core.roles import Scope
from surefoot.core.types import Asker, Region

if TYPE_CHECKING:
    from surefoot.core.types import Citation
    from surefoot.run.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Shown:
    """Where the words stand. `picture` is the page as PNG, None for recordings; `file` is the original."""

    document_id: str
    file: Path
    region: Region
    picture: bytes | None = None


def show_citation(space: Workspace, citation: Citation, *, asker: Asker = Asker()) -> Shown:
    """The place of a citation in the original that it was read off.

    Raises:
        MissingError: its document was not read off pages or sound, is gone, or the asker may not read it.
        DataError: the original is damaged or another one by now.
    """
    span = (citation.source_start, citation.source_end)
    return show_span(space, citation.chunk.document_id, span, asker=asker)


def show_span(
    space: Workspace, document_id: str, span: tuple[int, int], *, asker: Asker = Asker()
) -> Shown:
    """The place of the characters `[start, end)` of a document's text.

    Raises:
        MissingError: the document was not read off pages or sound, is gone, or the asker may not read it.
        DataError: the original is damaged or another one by now.
    """
    document = space.resources.index().document(document_id, scope=Scope(asker=asker))
    if document is None:
        raise MissingError("there is no such document", where=document_id)
    region = covering(document.regions, *span)
    if region is None:
        raise MissingError("its text was not read off pages or sound", where=document_id)
    file = space.root / Path(document.uri).expanduser()
    if not file.is_file():
        raise MissingError("the original is not on this machine", where=document.uri)
    if region.page is None:
        return Shown(document_id, file, region)
    return Shown(document_id, file, region, _picture(space, file, region))


def _picture(space: Workspace, file: Path, region: Region) -> bytes:
    from surefoot.ingest.extract.pool import picture_of

    return picture_of(file, region, space.resources.corpus.limits)
