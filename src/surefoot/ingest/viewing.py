"""Other views of a document's chunks on their way into the index: made, embedded once for equal texts, put in rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, overload

from surefoot.core.roles import Encoder, Index, Passage, View, Viewer, WritingViewer
from surefoot.core.types import Chunk, Document

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors

EMBED_TEXTS = 2048
Written = tuple[WritingViewer, View]
"""A view that a chat model wrote, and whose it is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text by which a chunk shall be found; one that `asks` is embedded as a question."""

    chunk: Chunk
    view: str
    text: str
    asks: bool

    @property
    def key(self) -> tuple[str, bool]:
        """What names its vector: equal texts are embedded once."""
        return self.text, self.asks


@dataclass(frozen=True, slots=True)
class Views:
    """The views wanted of a document, and the vectors that its former version had for the same texts."""

    wanted: tuple[Wanted, ...] = ()
    known: Mapping[tuple[str, bool], Vectors] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ViewPassages(Sequence[Passage]):
    """The rows of a document's views, each made when it is taken."""

    wanted: Sequence[Wanted]
    vectors: Mapping[tuple[str, bool], Vectors]

    def __len__(self) -> int:
        return len(self.wanted)

    @overload
    def __getitem__(self, place: int) -> Passage: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Passage]: ...
    def __getitem__(self, place: int | slice) -> Passage | Sequence[Passage]:
        if isinstance(place, slice):
            return ViewPassages(self.wanted[place], self.vectors)
        one = self.wanted[place]
        return Passage(one.chunk, one.text, self.vectors[one.key], one.view)


@dataclass(frozen=True, slots=True)
class ChunkPassages(Sequence[Passage]):
    """The passages of a document, each made when it is taken: indexed texts would double a large document."""

    chunks: Sequence[Chunk]
    vectors: Sequence[Vectors]
    indexed_text: Callable[[Chunk], str]
    entities: Sequence[tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.chunks)

    @overload
    def __getitem__(self, place: int) -> Passage: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Passage]: ...
    def __getitem__(self, place: int | slice) -> Passage | Sequence[Passage]:
        if isinstance(place, slice):
            return ChunkPassages(
                self.chunks[place], self.vectors[place], self.indexed_text, self.entities[place]
            )
        chunk = self.chunks[place]
        text, vector = self.indexed_text(chunk), self.vectors[place]
        return Passage(chunk, text, vector, entities=self.entities[place])


class ViewMaker:
    """Makes the views of documents with all viewers of a corpus; a corpus without viewers has none."""

    def __init__(
        self, viewers: Sequence[Viewer], index: Index, indexed_text: Callable[[Chunk], str]
    ) -> None:
        self._viewers = viewers
        self._index = index
        self._indexed_text = indexed_text

    def views(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        former: str | None,
        written: Sequence[Written] = (),
    ) -> Views:
        """What shall be found of the document; a text that a passage has already is left out."""
        if not chunks or not (self._viewers or written):
            return Views()
        made = [
            (viewer, view) for viewer in self._viewers for view in viewer.views(document, chunks)
        ]
        wanted = tuple(self.wanted([*made, *written], chunks))
        return Views(wanted, self.known(former, wanted) if former is not None else {})

    def wanted(
        self, made: Iterable[tuple[Viewer, View] | Written], chunks: Sequence[Chunk]
    ) -> Iterator[Wanted]:
        """The texts that say something else than their passage."""
        held = {chunk.index: chunk for chunk in chunks}
        own = {chunk.index: self._indexed_text(chunk) for chunk in chunks}
        for viewer, view in made:
            if viewer.asks or view.text != own[view.chunk]:
                yield Wanted(held[view.chunk], viewer.name, view.text, viewer.asks)

    def known(self, former: str, wanted: Sequence[Wanted]) -> dict[tuple[str, bool], Vectors]:
        """The vectors that the index has for texts of these views."""
        asks = {one.view: one.asks for one in wanted}
        return {
            (view.indexed_text, asks[view.view]): _array(view.vector)
            for view in self._index.views(former)
            if view.view in asks
        }


def embedded_views(
    documents: Sequence[Views], encoder: Encoder
) -> tuple[dict[tuple[str, bool], Vectors], int]:
    """The vectors of all texts wanted, and how many of them were embedded anew."""
    vectors: dict[tuple[str, bool], Vectors] = {}
    for views in documents:
        vectors.update(views.known)
    fresh = 0
    for asks in (False, True):
        keys = (one.key for views in documents for one in views.wanted if one.asks is asks)
        texts = (text for text, _ in dict.fromkeys(keys) if (text, asks) not in vectors)
        embed = encoder.embed_queries if asks else encoder.embed_passages
        while taken := list(islice(texts, EMBED_TEXTS)):
            made = embed(taken)
            fresh += len(taken)
            vectors.update(zip(((text, asks) for text in taken), made, strict=True))
    return vectors, fresh


def _array(vector: Sequence[float] | Vectors) -> Vectors:
    import numpy as np

    return np.asarray(vector, np.float32)
