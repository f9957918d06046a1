"""What an index promises, and the values that go into it and come out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from surefoot.core.filters import Filter
from surefoot.core.types import Acl, Asker, Chunk, Document, Hit, Lang

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

Frequencies = Callable[[Sequence[str]], tuple[list[int], int]]

PASSAGE = "passage"
"""The view of a chunk that is its own text."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a search may see: applied before it searches."""

    filter: Filter | None = None
    asker: Asker = Asker()


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk with what is indexed of it: `indexed_text` (title and headings before the text) and its vector.

    `view` names another text by which the same chunk is found, such as a summary or a question it answers; each
    chunk has one `passage` and any number of other views, and a search of either gives the chunk itself.
    `entities` are the keys of what the chunk names (`core.lang.entities`); empty where no graph is asked for.
    """

    chunk: Chunk
    indexed_text: str
    vector: Sequence[float] | Vectors
    view: str = PASSAGE
    entities: tuple[str, ...] = ()


Status = Literal["ok", "empty", "failed", "duplicate", "off"]
"""What became of a document; `off` was read, and is left out because somebody switched it off."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Which part of a list of documents by id: after one, at most `limit`, of a status and language, with a text.

    `text` stands in the id or the title, letters in either case.
    """

    after: str = ""
    limit: int | None = None
    status: Status | Literal[""] = ""
    text: str = ""
    lang: Lang | Literal[""] = ""


WHOLE = Listing()
"""All of it."""


@dataclass(frozen=True, slots=True)
class DocumentState:
    """What the index knows of a document. `fingerprint` is the source's cheap sign of change (mtime, size).

    `sketch` is what copies are found by (hash of the cleaned text and MinHash bytes, in hex); the store only keeps it.
    `pending` counts what a chat model has not been asked about it yet. `hint` is the remedy of `reason`.
    """

    id: str
    uri: str
    digest: str
    status: Status
    reason: str = ""
    fingerprint: str = ""
    source: str = ""
    chunks: int = 0
    title: str = ""
    acl: Acl = Acl()
    duplicate_of: str = ""
    sketch: str = ""
    pending: int = 0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """All that one commit writes for a document. Failed and empty documents have no passages.

    `passages` may make each passage when it is taken: whoever reads it goes through it slice by slice.
    `views` are other texts of the same chunks; each names its view. Only `passages` count as chunks.
    """

    document: Document
    state: DocumentState
    passages: Sequence[Passage] = ()
    views: Sequence[Passage] = ()


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A value of a metadata key, and how many documents hold it."""

    value: str | int | float | bool
    documents: int


class Mention(NamedTuple):
    """What a chunk names: its document with its title, and the keys of its entities (none where none were taken)."""

    chunk_id: str
    document_id: str
    title: str
    entities: tuple[str, ...] = ()


def frequencies_for(index: Index, asker: Asker) -> Frequencies:
    """The index's frequencies over what the asker may read: what it counts tells nothing of other documents."""
    if asker.is_owner:
        return index.frequencies
    return partial(index.frequencies, scope=Scope(asker=asker))


def mentions_for(index: Index, asker: Asker) -> Sequence[Mention]:
    """What the chunks name that the asker may read."""
    return index.mentions() if asker.is_owner else index.mentions(scope=Scope(asker=asker))


class Index(Protocol):
    """Documents, chunks, vectors and full text of one recipe. Many readers beside one writer."""

    def keyword(
        self, text: str, *, limit: int, scope: Scope = Scope(), view: str = PASSAGE
    ) -> list[Hit]:
        """The best chunks by BM25, best first; `Hit.by` is `keyword`, `signals["bm25"]` the raw score.

        With a `view`, each chunk stands by its best text of that view.
        """
        ...

    def vector(
        self, vector: Vectors, *, limit: int, scope: Scope = Scope(), view: str = PASSAGE
    ) -> list[Hit]:
        """The nearest chunks by cosine, best first; `Hit.by` is `vector`, `signals["cosine"]` the raw score.

        With a `view`, each chunk stands by its nearest text of that view.
        """
        ...

    def cosines(
        self, vector: Vectors, chunk_ids: Sequence[str], views: Sequence[str] = (PASSAGE,)
    ) -> dict[str, dict[str, float]]:
        """By view, how near each of these chunks is with its nearest text; a chunk that has none is left out."""
        ...

    def views(self, document_id: str) -> list[Passage]:
        """The document's other views with their texts and vectors, in the order that they were given."""
        ...

    def vectors(self, chunk_ids: Sequence[str]) -> Vectors:
        """The stored vectors of these chunks, in their order (n x dimensions)."""
        ...

    def chunks(
        self, document_id: str, *, first: int = 0, last: int | None = None, scope: Scope = Scope()
    ) -> list[Chunk]:
        """The document's chunks with `first <= index <= last`, in order."""
        ...

    def by_ids(self, chunk_ids: Sequence[str], *, scope: Scope = Scope()) -> list[Chunk]:
        """These chunks, in this order; those that are gone or out of scope are left out."""
        ...

    def mentions(self, *, scope: Scope = Scope()) -> Sequence[Mention]:
        """What every chunk in scope names, by document and place; the same object until the index changes."""
        ...

    def frequencies(self, terms: Sequence[str], *, scope: Scope = Scope()) -> tuple[list[int], int]:
        """In how many chunks in scope each term (of `core.lang.terms`) occurs, and how many there are."""
        ...

    def count(self, scope: Scope = Scope()) -> int:
        """How many passages are in scope."""
        ...

    def keys(self, *, scope: Scope = Scope()) -> list[str]:
        """The metadata keys that a filter of this asker may name, sorted; no attributes such as `lang`."""
        ...

    def values(self, key: str, *, scope: Scope = Scope(), limit: int = 1000) -> list[ValueCount]:
        """What documents in scope hold under a metadata key or `lang`: the commonest `limit`, then by value.

        Items of lists count one by one; dates are ISO text. A key that no document has gives an empty list.
        """
        ...

    def document(
        self, document_id: str, *, scope: Scope = Scope(), off: bool = False
    ) -> Document | None:
        """The document that was read; with `off` also one that is switched off."""
        ...

    def documents(self, *, scope: Scope = Scope(), part: Listing = WHOLE) -> Iterator[Document]:
        """The documents that were read (`ok`), ordered by id; of a part of the list perhaps fewer than its limit."""
        ...

    def states(self, *, scope: Scope = Scope(), part: Listing = WHOLE) -> Iterator[DocumentState]:
        """Every document known, failed and empty ones too, ordered by id."""
        ...

    def statuses(self, *, scope: Scope = Scope()) -> Mapping[Status, int]:
        """How many documents have each status."""
        ...

    def replace(self, batch: Sequence[IndexedDocument]) -> None:
        """Puts each document in the place of its former version, in one commit that readers see whole or not at all."""
        ...

    def remove(self, document_ids: Iterable[str]) -> int:
        """Removes documents with all that came from them; returns how many there were."""
        ...

    def maintain(self) -> list[str]:
        """Builds or refreshes search indexes where that pays and compacts; returns what was done, in words."""
        ...

    def marks(self) -> Mapping[str, str]:
        """What names content, metadata and rights of each document that was read, by its id."""
        ...

    def version(self) -> str:
        """The corpus version: the hash of the sorted marks of the documents that were read."""
        ...

    def close(self) -> None: ...
