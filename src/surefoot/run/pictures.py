"""Keeps vectors of the pictures of a corpus in step with its index, and finds pictures by them."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from surefoot.config.images import Images
from surefoot.core.errors import DataError, SurefootError
from surefoot.core.roles import DocumentState, Extracted
from surefoot.core.types import Document, Region
from surefoot.run.picture_search import other_length
from surefoot.run.places import INNER
from surefoot.run.tools import reply_place
from surefoot.store.pictures import PictureBook

if TYPE_CHECKING:
    from surefoot.config.solution import Limits
    from surefoot.core.roles import Vectors
    from surefoot.ingest.loading import Read
    from surefoot.run.build import Resources
    from surefoot.run.workspace import Workspace

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")
_QUALITY = 90


@dataclass(frozen=True, slots=True)
class _Seen:
    """A picture as it is sent."""

    document: str
    content: str
    data: bytes


def with_names(read: Read, *, without_ocr: bool) -> Read:
    """The same reading, in which a picture without text is a document of its folder's and its own name.

    A picture that nobody read, because OCR is off or not installed, is one too.
    """
    from surefoot.ingest.extract.media.orders import lacks_packages

    def named(path: Path, got: Extracted | DataError) -> Extracted | DataError:
        if not is_picture(path.name):
            return got
        text = f"{path.parent.name}/{path.name}"
        shown = (Region(0, len(text), page=1),)
        if isinstance(got, Extracted):
            return got if got.text.strip() else replace(got, text=text, regions=shown)
        if without_ocr or lacks_packages(got.message):
            return Extracted(text=text, markup="plain", pages=(0,), regions=shown)
        return got

    def reading(paths: Iterable[Path]) -> Iterator[tuple[Path, Extracted | DataError]]:
        for path, got in read(paths):
            yield path, named(path, got)

    return reading


def is_picture(name: str) -> bool:
    """Whether a file of this name is a picture that is sent."""
    return name.lower().endswith(_PICTURES)


def embed_pictures(space: Workspace, resources: Resources) -> list[str]:
    """Gives each new or changed picture of the index its vector and takes those away that are gone; says what is left.

    What the endpoint refuses or does not answer stays without a vector; the next sync asks again.
    """
    try:
        search = resources.pictures()
    except SurefootError as problem:  # no key, or the network is off
        return [f"no new pictures are found as pictures: {problem}"]
    if search is None:
        return []
    book, place = PictureBook(resources.place.root / INNER), reply_place(resources)
    known = book.contents(place)
    here = {state.id: state for state in resources.index().states() if _counts(state)}
    book.forget([name for name in known if name not in here], place=place)
    wanted = [state for name, state in here.items() if known.get(name) != state.digest]
    notes: list[str] = []
    seen = _seen(space, wanted, search.settings, notes)
    while batch := list(islice(seen, search.encoder.batch)):
        try:
            vectors = search.encoder.embed_pictures([one.data for one in batch])
            _fits(book, place, vectors, search.settings)
        except DataError as problem:
            notes += [f"{one.document} is not found as a picture: {problem}" for one in batch]
            continue
        except SurefootError as problem:
            left = sum(book.contents(place).get(one.id) != one.digest for one in wanted)
            return [*notes, f"{left} pictures are not found as pictures yet: {problem}"]
        names = [(one.document, one.content) for one in batch]
        book.keep(place, dict(zip(names, vectors, strict=True)))
    return notes


def forget_pictures(root: Path, documents: Collection[str]) -> None:
    """Deletes the vectors of documents that were removed."""
    PictureBook(root / INNER).forget(documents)


def drop_gone_pictures(resources: Resources) -> None:
    """Deletes the vectors of indexes that are there no more."""
    book = PictureBook(resources.place.root / INNER)
    known = resources.index().tables.recipes()
    own = f"{resources.place.tables}#"
    book.drop(
        [one for one in book.places() if one.startswith(own) and one.removeprefix(own) not in known]
    )


def _counts(state: DocumentState) -> bool:
    return state.status == "ok" and (is_picture(state.uri) or is_picture(state.id))


def _seen(
    space: Workspace, states: Sequence[DocumentState], settings: Images, notes: list[str]
) -> Iterator[_Seen]:
    """The pictures as they are sent; why one is not is noted."""
    from surefoot.run.originals import original_of

    limits = space.resources.corpus.limits
    for state in states:
        original = original_of(space, Document(state.id, state.uri, state.digest, ""))
        if original is None:
            notes.append(f"{state.id} is not found as a picture: its original is not here")
            continue
        try:
            yield _Seen(state.id, state.digest, sent(original.file, settings.side, limits))
        except SurefootError as problem:
            notes.append(f"{state.id} is not found as a picture: {problem}")


def sent(file: Path, side: int, limits: Limits) -> bytes:
    """The picture as JPEG, upright and no longer than `side` pixels; its file is decoded in a limited process.

    Raises:
        DataError: it is damaged or too large.
        MissingExtra: the packages for pictures are not installed.
    """
    from surefoot.core.errors import MissingExtra
    from surefoot.ingest.extract.pool import picture_of
    from surefoot.run.originals import can_draw

    if not can_draw():
        raise MissingExtra("pillow", extra="media", why="showing pictures to a model")
    from PIL import Image

    drawn = picture_of(file, Region(0, 0, page=1), limits)
    with Image.open(io.BytesIO(drawn)) as opened:  # a PNG of our own
        picture = opened.convert("RGB")
    picture.thumbnail((side, side))
    made = io.BytesIO()
    picture.save(made, format="JPEG", quality=_QUALITY)
    return made.getvalue()


def _fits(book: PictureBook, place: str, vectors: Vectors, settings: Images) -> None:
    held = book.length(place)
    if held and held != vectors.shape[1]:
        raise other_length(vectors.shape[1], held, settings.base_url)
