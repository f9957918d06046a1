"""What sources, chunkers, views and describers promise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, runtime_checkable

from surefoot.core.roles.models import Message, Sampling
from surefoot.core.types import Acl, Chunk, Document, Meta, Region

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SourceItem:
    """One thing that a source offers. Content is at `path`, already in `document`, or brought by `load`.

    `load` puts the content into a folder that it is given, when it has to be read, and says where; it raises DataError
    where there is none to be had, TransientError where it is only out of reach.

    `fingerprint` changes whenever the content may have changed; equal fingerprints are not read again.
    A `distinct` item counts by its id: it is never dropped as a copy of another. `facts` are metadata that were found
    out about it (a date of change, a sender): unlike `meta`, they do not make equal texts different documents.
    """

    id: str
    uri: str
    source: str
    fingerprint: str
    path: Path | None = None
    document: Document | None = None
    meta: Meta = field(default_factory=dict)
    acl: Acl = Acl()
    distinct: bool = False
    load: Callable[[Path], Path] | None = None
    facts: Meta = field(default_factory=dict)


class Source(Protocol):
    """Lists what can be ingested, cheaply; what cannot be offered is yielded as a `SourceProblem`."""

    @property
    def name(self) -> str: ...

    def items(self) -> Iterator[SourceItem | SourceProblem]: ...


@runtime_checkable
class RemoteSource(Protocol):
    """A source that asks other machines: `addresses` are their URLs, without names and passwords.

    While the network is off, it is not asked unless all of them are loopback addresses.
    """

    @property
    def name(self) -> str: ...

    @property
    def addresses(self) -> Sequence[str]: ...

    def items(self) -> Iterator[SourceItem | SourceProblem]: ...


@runtime_checkable
class NotingSource(Protocol):
    """A source with more to say than problems: limits that were reached, guards that are off."""

    @property
    def name(self) -> str: ...

    def items(self) -> Iterator[SourceItem | SourceProblem]: ...

    def notes(self) -> Sequence[str]:
        """What should be known of the listing that ended last."""
        ...


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """Something in a source that cannot be offered (a symlink out of the root, an unreadable file).

    `keep` says that it may only be out of reach for now: what was read from `id` and below it stays.
    """

    id: str
    uri: str
    source: str
    reason: str
    hint: str = ""
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was read from one file: text (Markdown where the format has structure), and what the file says of itself.

    What is inside it, such as the attachments of a mail, stands in the same text under a heading of its own.
    `digest` is the sha256 of the bytes that were read; empty where the reader does not say. `regions` say where spans
    of a text that was read off pictures or recordings stand in them.
    """

    text: str
    title: str = ""
    markup: Literal["markdown", "plain", "code"] = "markdown"
    pages: tuple[int, ...] = ()
    meta: Meta = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    digest: str = ""
    regions: tuple[Region, ...] = ()


class Chunker(Protocol):
    """Cuts a document into chunks whose spans are exact."""

    def chunk(self, document: Document) -> list[Chunk]: ...

    def indexed_text(self, chunk: Chunk) -> str:
        """What is embedded and searched of a chunk: its title, heading path and lead before its text."""
        ...


@dataclass(frozen=True, slots=True)
class View:
    """Another text by which a chunk is found; `chunk` is the chunk's index in its document."""

    chunk: int
    text: str


class Viewer(Protocol):
    """Makes the texts of one view of a document's chunks, such as summaries or questions they answer.

    `name` is what a search calls the view. Texts that read like questions are embedded as such (`asks`).
    """

    @property
    def name(self) -> str: ...

    @property
    def asks(self) -> bool: ...

    def views(self, document: Document, chunks: Sequence[Chunk]) -> Iterable[View]: ...


@dataclass(frozen=True, slots=True)
class Request:
    """What a chat model is asked about a document; equal requests are asked once and their reply is kept.

    `chunks` are the indexes of the chunks that get what comes of it.
    """

    chunks: tuple[int, ...]
    messages: tuple[Message, ...]
    sampling: Sampling


@runtime_checkable
class WritingViewer(Protocol):
    """A viewer whose texts a chat model writes: it words what is asked and reads the replies, others do the asking.

    Its class says `writes = True` and is built with its settings, the encoder and what gives a prompt by name and
    language. `name` and `asks` as for a `Viewer`; `model` is the chat model's name, `workers` how many requests are
    made of it at once.
    """

    writes: ClassVar[Literal[True]]

    @property
    def name(self) -> str: ...

    @property
    def asks(self) -> bool: ...

    @property
    def model(self) -> str: ...

    @property
    def workers(self) -> int: ...

    def requests(self, document: Document, chunks: Sequence[Chunk]) -> Iterable[Request]:
        """What is to be asked, requests that begin alike one after the other; the same document gives the same."""
        ...

    def read(
        self, request: Request, reply: str, document: Document, chunks: Sequence[Chunk]
    ) -> Sequence[View]:
        """The texts in a reply, which nobody has checked before.

        Raises:
            DataError: it holds none that can be used, and why.
        """
        ...


class Describer(Protocol):
    """Says more of an item: metadata from its path, a file beside it, or the head of its own text.

    What is told `beside_text` makes texts that are the same different documents.
    """

    beside_text: ClassVar[bool]

    def describe(self, item: SourceItem, document: Document) -> Document:
        """The document with more metadata; text that only describes (front matter) may be taken out.

        Raises:
            DataError: what describes it cannot be read; the document is kept without.
        """
        ...

    def mark(self, item: SourceItem) -> str:
        """What stands for the description beside the item: it changes when that may have changed."""
        ...

    def is_description(self, item: SourceItem) -> bool:
        """Whether the item only describes another one, and is no document itself."""
        ...


@runtime_checkable
class ChunkDescriber(Protocol):
    """A describer that says more of single chunks than of their document."""

    def describe_chunks(self, document: Document, chunks: Sequence[Chunk]) -> Sequence[Meta]:
        """Metadata of each chunk beside those of its document, in their order."""
        ...
