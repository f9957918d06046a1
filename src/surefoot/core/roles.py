"""What each kind of part promises, in core values only, so that siblings work together without knowing each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Protocol, runtime_checkable

from surefoot.core.errors import CapReached, ConfigError
from surefoot.core.filters import Filter
from surefoot.core.steps import Step
from surefoot.core.types import Acl, Asker, Chunk, Document, Hit, Meta, Query, Turn, Usage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

PASSAGE = "passage"
"""The view of a chunk that is its own text."""

Takes = Literal["query", "hits"]
Produces = Literal["query", "hits", "answer"]

# ── one question ────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Meter:
    """Adds up what a question consumes; the one mutable thing that a call carries."""

    usage: Usage = Usage()

    def add(self, usage: Usage) -> None:
        """Counts one more use."""
        self.usage = self.usage + usage


@dataclass(frozen=True, slots=True)
class Call:
    """What surrounds a question: deadline, seed, clock, cost meter, and where streamed text goes.

    `deadline_s` is in the clock's seconds; None means no limit. `limit` is how many hits the caller
    wants of a search, over the solution's own setting. `on_step` is told of every stage that has run.
    `today` is the day from which `last month` is told; None leaves it to the documents.
    """

    seed: int = 0
    limit: int | None = None
    deadline_s: float | None = None
    clock: Callable[[], float] = monotonic
    meter: Meter = field(default_factory=Meter)
    on_text: Callable[[str], None] | None = None
    on_step: Callable[[Step], None] | None = None
    today: date | None = None

    def check_deadline(self) -> None:
        """Raises CapReached when the time is used up."""
        if self.deadline_s is not None and self.clock() > self.deadline_s:
            raise CapReached("the time allowed for this question is used up")


class Stage(Protocol):
    """Takes a turn and gives the next one; the same turn and settings give the same result.

    A stage class says what it `takes` (the query alone, or hits of a stage before it) and what it
    `produces`: a changed query (rewriting, filters), hits (searching, ranking, arranging) or the answer.
    """

    takes: ClassVar[Takes]
    produces: ClassVar[Produces]

    def __call__(self, turn: Turn, call: Call, /) -> Turn: ...


# ── models ──────────────────────────────────────────────────────────────────────────────────────


class Encoder(Protocol):
    """Embeds texts as unit vectors (n x dimensions, float32). Adds its own query and passage prefixes."""

    @property
    def digest(self) -> str:
        """Names weights, pooling, prefixes and precision: what an index must agree with."""
        ...

    @property
    def dimensions(self) -> int: ...

    @property
    def max_tokens(self) -> int: ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors: ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as a passage, prefix and special tokens included, nothing cut."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The tokens of one text without prefix and special ones: the characters of each, and its unit vector.

    `vectors` has one row a span (n x dimensions, float32); what the encoder cuts has none.
    """

    spans: tuple[tuple[int, int], ...]
    vectors: Vectors


@runtime_checkable
class TokenEncoder(Protocol):
    """What an encoder may do besides: one vector for each token, each read in the context of its text."""

    def embed_tokens(
        self, texts: Sequence[str], side: Literal["query", "passage"]
    ) -> list[TokenVectors]: ...


class Reranker(Protocol):
    """Scores texts against a query; higher is better, scores of one call compare."""

    def score(self, query: str, texts: Sequence[str]) -> list[float]: ...

    def close(self) -> None: ...


@runtime_checkable
class HitScorer(Protocol):
    """A reranker that needs more than texts: the hits with their signals, and parts of the solution.

    `share` is what its score should count in the new order where the solution does not say (0 to 1).
    """

    share: ClassVar[float]

    def score_hits(
        self, query: Query, hits: Sequence[Hit], parts: Parts, /
    ) -> list[Mapping[str, float]]:
        """Signals for each hit, `rerank` among them: higher is better, those of one call compare."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a chat model said. `finish` is `length` when it was cut by `max_tokens`."""

    text: str
    usage: Usage
    finish: Literal["stop", "length"] = "stop"


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a reply is drawn. `schema` asks for JSON that fits this JSON Schema."""

    max_tokens: int = 512
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None


class ChatModel(Protocol):
    """Answers messages; streams text to `on_text` as it comes when one is given."""

    @property
    def context_tokens(self) -> int: ...

    def chat(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply: ...

    def count_tokens(self, text: str) -> int: ...

    def close(self) -> None: ...


# ── store ───────────────────────────────────────────────────────────────────────────────────────


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


@dataclass(frozen=True, slots=True)
class DocumentState:
    """What the index knows of a document. `fingerprint` is the source's cheap sign of change (mtime, size).

    `sketch` is what copies are found by (hash of the cleaned text and MinHash bytes, in hex); the store only keeps it.
    """

    id: str
    uri: str
    digest: str
    status: Literal["ok", "empty", "failed", "duplicate"]
    reason: str = ""
    fingerprint: str = ""
    source: str = ""
    chunks: int = 0
    title: str = ""
    acl: Acl = Acl()
    duplicate_of: str = ""
    sketch: str = ""


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

    def mentions(self) -> Sequence[Mention]:
        """What every chunk names, ordered by document and place; the same object until the index changes."""
        ...

    def frequencies(self, terms: Sequence[str]) -> tuple[list[int], int]:
        """In how many chunks each term (of `core.lang.terms`) occurs, and how many chunks there are."""
        ...

    def count(self, scope: Scope = Scope()) -> int:
        """How many passages are in scope."""
        ...

    def keys(self) -> list[str]:
        """The metadata keys that a filter may name, sorted; attributes such as `lang` are not among them."""
        ...

    def values(self, key: str, *, scope: Scope = Scope(), limit: int = 1000) -> list[ValueCount]:
        """What documents in scope hold under a metadata key or `lang`: the commonest `limit`, then by value.

        Items of lists count one by one; dates are ISO text. A key that no document has gives an empty list.
        """
        ...

    def document(self, document_id: str, *, scope: Scope = Scope()) -> Document | None: ...

    def documents(self, *, scope: Scope = Scope()) -> Iterator[Document]:
        """The documents that were read (`ok`), ordered by id."""
        ...

    def states(self) -> Iterator[DocumentState]:
        """Every document known, failed and empty ones too, ordered by id."""
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

    def version(self) -> str:
        """The corpus version: the hash of the sorted digests of the live documents."""
        ...

    def close(self) -> None: ...


# ── ingest ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SourceItem:
    """One thing that a source offers. Content is at `path`, or already in `document`.

    `fingerprint` changes whenever the content may have changed; equal fingerprints are not read again.
    A `distinct` item counts by its id: it is never dropped as a copy of another.
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


class Source(Protocol):
    """Lists what can be ingested, cheaply; what cannot be offered is yielded as a `SourceProblem`."""

    @property
    def name(self) -> str: ...

    def items(self) -> Iterator[SourceItem | SourceProblem]: ...


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
    `digest` is the sha256 of the bytes that were read; empty where the reader does not say.
    """

    text: str
    title: str = ""
    markup: Literal["markdown", "plain", "code"] = "markdown"
    pages: tuple[int, ...] = ()
    meta: Meta = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    digest: str = ""


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


def no_reranker(settings: Any) -> Reranker | HitScorer:
    """Stands where nothing builds rerankers."""
    raise ConfigError(f"the reranker {settings.kind} cannot be built here")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a stage may ask for when it is built. Heavy things open on first use and are closed by the pipeline.

    `file` gives the place of a file that settings name, relative to the workspace.
    """

    index: Callable[[], Index]
    encoder: Callable[[], Encoder]
    chat: Callable[[str], ChatModel]
    prompt: Callable[[str, str], Any]
    stage: Callable[[Any], Stage]
    file: Callable[[str], Path] = Path
    reranker: Callable[[Any], Reranker | HitScorer] = no_reranker
