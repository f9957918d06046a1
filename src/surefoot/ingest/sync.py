"""Keeps an index in step with its sources: only what is new, changed, moved or removed is worked on.

What is committed counts as done: a run that is killed and started again finishes the rest.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING

from surefoot.config.solution import Cleaning
from surefoot.core.crash import crash_point
from surefoot.core.errors import SurefootError
from surefoot.core.parallel import pmap
from surefoot.core.roles import (
    Chunker,
    DocumentState,
    Encoder,
    Index,
    IndexedDocument,
    Status,
    Viewer,
)
from surefoot.core.types import Chunk, Document
from surefoot.ingest.describe import Descriptions
from surefoot.ingest.documents import Readout, Unsteady, read_documents
from surefoot.ingest.duplicates import Copies, sketch_of
from surefoot.ingest.extract.media.orders import lacks_packages
from surefoot.ingest.loading import Read
from surefoot.ingest.plan import Move, Plan, Planned, make_plan
from surefoot.ingest.report import Problem, Report, Tally
from surefoot.ingest.viewing import (
    EMBED_TEXTS,
    ChunkPassages,
    ViewMaker,
    ViewPassages,
    Views,
    embedded_views,
)
from surefoot.ingest.writing.desk import Desk, Taken, named_of

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors

Progress = Callable[[int, int, str], None]

GROUP_CHUNKS = 512
GROUP_CHARS = 2_000_000
GROUP_DOCUMENTS = 1000

SWITCHED_OFF = "it is switched off"
_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
_FULL_WORDS = ("no space left", "quota exceeded", "file too large")

__all__ = ["Move", "Plan", "Planned", "Problem", "Progress", "Report", "Tools", "make_plan", "run"]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a sync works with. `read` reads files in their order, such as `ExtractorPool.map`.

    `entities` gives the keys of what a text names; None where no graph is asked for. What a chat model has written
    already is taken up from the `desk`; nothing is asked here. Documents in `off` are read and left out.
    """

    index: Index
    chunker: Chunker
    encoder: Encoder
    read: Read
    cleaning: Cleaning = Cleaning()
    clock: Callable[[], float] = monotonic
    entities: Callable[[str], tuple[str, ...]] | None = None
    viewers: Sequence[Viewer] = ()
    desk: Desk | None = None
    descriptions: Descriptions = field(default_factory=Descriptions)
    off: Collection[str] = ()


@dataclass(slots=True)
class _Group:
    """Documents that are embedded and committed together."""

    documents: list[_Prepared] = field(default_factory=list)
    chunks: int = 0
    chars: int = 0

    @property
    def is_full(self) -> bool:
        return (
            self.chunks >= GROUP_CHUNKS
            or self.chars >= GROUP_CHARS
            or len(self.documents) >= GROUP_DOCUMENTS
        )


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A document ready to be embedded; `known` holds the vectors that can be taken over, by chunk id."""

    document: Document
    state: DocumentState
    chunks: tuple[Chunk, ...] = ()
    known: Mapping[str, Vectors] = field(default_factory=dict)
    views: Views = field(default_factory=Views)
    written: Taken = field(default_factory=Taken)


def run(planned: Planned, tools: Tools, *, progress: Progress | None = None) -> Report:
    """Carries a plan out and says what was done.

    Each group of documents is committed before the next is reported, so nothing acknowledged is lost.

    Raises:
        SurefootError: the disk is full; what was committed is kept.
        TransientError: the encoder's endpoint or the index stayed out of reach.
    """
    return _Run(planned, tools, progress).finish()


class _Run:
    """One run over a plan. Reads and cuts here, embeds in the background, writes here."""

    def __init__(self, planned: Planned, tools: Tools, progress: Progress | None) -> None:
        self._planned = planned
        self._tools = tools
        self._progress = progress
        self._copies = Copies(tools.cleaning, self._text_of)
        self._tally = Tally([Problem(p.id, p.reason, p.hint) for p in planned.plan.problems])
        self._held: dict[str, tuple[str, ...]] = {}
        self._views = ViewMaker(tools.viewers, tools.index, tools.chunker.indexed_text)

    def finish(self) -> Report:
        began = self._tools.clock()
        plan, tally = self._planned.plan, self._tally
        tally.removed = self._remove(plan.removed)
        lost = {*plan.removed, *plan.changed, *(move.former for move in plan.moved)}
        self._copies.load(s for s in self._planned.states.values() if s.id not in lost)
        self._work(began)
        self._remove([move.former for move in plan.moved if move.id in tally.statuses])
        if tally.statuses or tally.removed:
            crash_point("sync.maintain")
            with _disk():
                tally.maintenance += self._tools.index.maintain()
        return tally.report(plan, self._tools.clock() - began)

    def _work(self, began: float) -> None:
        # A method of its own, so that the last batch is let go before maintenance begins.
        items, tools = self._planned.work.items, self._tools
        reading = read_documents(items, tools.read, tools.cleaning, tools.descriptions)
        with closing(reading) as found:
            for batch in pmap(self._embed, self._groups(found), workers=2):
                self._write(batch)
                self._show(tools.clock() - began)

    def _groups(self, documents: Iterable[Readout | Unsteady]) -> Iterator[_Group]:
        group = _Group()
        for found in documents:
            if isinstance(found, Unsteady):
                self._tally.problems.append(Problem(found.item.id, found.reason, found.hint))
                continue
            prepared = self._prepared(found)
            group.documents.append(prepared)
            group.chunks += len(prepared.chunks)
            group.chars += len(prepared.document.text)
            if group.is_full:
                yield group
                group = _Group()
        if group.documents:
            yield group

    def _prepared(self, found: Readout) -> _Prepared:
        item, document, tally = found.item, found.document, self._tally
        tally.notes += [f"{item.id}: {note}" for note in found.notes]
        tally.cleaned(found.cleaned)
        tally.problems += [Problem(item.id, p.message, p.hint) for p in found.undescribed]
        if found.problem is not None:
            tally.problems.append(Problem(item.id, found.problem.message, found.problem.hint))
            failed = _without_text(found, "failed", found.problem.message)
            return replace(failed, state=replace(failed.state, hint=found.problem.hint))
        if not document.text.strip():
            return _without_text(found, "empty", "no text was found in it")
        if item.id in self._tools.off:
            return _Prepared(document, replace(_state(found, "off"), reason=SWITCHED_OFF))
        sketch = ""
        if not item.distinct:
            sketch = sketch_of(document.text, item.acl, found.told, self._tools.cleaning)
            if copy := self._copies.original(item.id, document.text, sketch):
                reason = f"copies {copy.original} ({copy.similarity:.0%} the same)"
                tally.notes.append(f"{item.id} {reason}; {copy.original} is kept")
                return _without_text(found, "duplicate", reason, copy.original)
        cut = self._tools.chunker.chunk(document)
        chunks = self._tools.descriptions.of_chunks(document, cut)
        self._count_over_budget(chunks)
        reason = next(filter(lacks_packages, found.notes), "")
        state = replace(_state(found, "ok"), chunks=len(chunks), sketch=sketch, reason=reason)
        former = (self._planned.work.former or {}).get(item.id)
        written = self._taken(document, chunks)
        views = self._views.views(document, chunks, former, written.views)
        state = replace(state, pending=written.pending)
        return _Prepared(document, state, chunks, self._known(former, chunks), views, written)

    def _taken(self, document: Document, chunks: Sequence[Chunk]) -> Taken:
        """What a chat model has written of it already."""
        if self._tools.desk is None:
            return Taken()
        written = self._tools.desk.taken(document, chunks)
        self._tally.notes += written.problems
        self._held[document.id] = written.keys
        return written

    def _known(self, former: str | None, chunks: Sequence[Chunk]) -> Mapping[str, Vectors]:
        """Vectors of the former document for chunks whose indexed text is the same: their ids end alike."""
        if former is None:
            return {}
        wanted = {_mark(chunk.id): chunk.id for chunk in chunks}
        kept = [c.id for c in self._tools.index.chunks(former) if _mark(c.id) in wanted]
        if not kept:
            return {}
        vectors = self._tools.index.vectors(kept)
        return {wanted[_mark(name)]: vector for name, vector in zip(kept, vectors, strict=True)}

    def _embed(self, group: _Group) -> list[IndexedDocument]:
        indexed_text = self._tools.chunker.indexed_text
        fresh = (
            indexed_text(chunk)
            for prepared in group.documents
            for chunk in prepared.chunks
            if chunk.id not in prepared.known
        )
        vectors = self._vectors(fresh)
        viewed, anew = embedded_views([p.views for p in group.documents], self._tools.encoder)
        self._tally.embedded += anew
        made: list[IndexedDocument] = []
        for prepared in group.documents:
            own = [
                known if known is not None else next(vectors)
                for known in (prepared.known.get(chunk.id) for chunk in prepared.chunks)
            ]
            named = named_of(
                prepared.chunks, prepared.written, self._tools.entities, self._tools.desk
            )
            passages = ChunkPassages(prepared.chunks, own, indexed_text, named)
            views = ViewPassages(prepared.views.wanted, viewed)
            made.append(IndexedDocument(prepared.document, prepared.state, passages, views))
        return made

    def _vectors(self, texts: Iterator[str]) -> Iterator[Vectors]:
        while taken := list(islice(texts, EMBED_TEXTS)):
            vectors = self._tools.encoder.embed_passages(taken)
            self._tally.embedded += len(taken)
            yield from vectors

    def _write(self, batch: Sequence[IndexedDocument]) -> None:
        crash_point("sync.replace")
        ids = [item.document.id for item in batch]
        with _disk():
            if self._tools.desk is not None:
                self._tools.desk.hold({name: self._held.pop(name, ()) for name in ids})
            self._tools.index.replace(batch)
        crash_point("sync.replaced")
        self._copies.written(ids)
        for item in batch:
            self._tally.committed(item.state)
            self._tally.views += len(item.views)

    def _show(self, seconds: float) -> None:
        if self._progress is not None:
            rate = self._tally.chunks / max(seconds, 1e-9)
            total = len(self._planned.work.items)
            done = len(self._tally.statuses)
            views = f" and {self._tally.views} other views" if self._tally.views else ""
            self._progress(done, total, f"{self._tally.chunks} chunks{views}, {rate:.0f}/s")

    def _remove(self, document_ids: Sequence[str]) -> int:
        if not document_ids:
            return 0
        crash_point("sync.remove")
        with _disk():
            return self._tools.index.remove(document_ids)

    def _count_over_budget(self, chunks: Sequence[Chunk]) -> None:
        if not getattr(self._tools.chunker, "keeps_budget", False):
            limit = self._tools.encoder.max_tokens
            texts = [self._tools.chunker.indexed_text(chunk) for chunk in chunks]
            counts = self._tools.encoder.count_tokens(texts)
            self._tally.over_budget += sum(count > limit for count in counts)

    def _text_of(self, document_id: str) -> str | None:
        document = self._tools.index.document(document_id)
        return document.text if document is not None else None


def _without_text(found: Readout, status: Status, reason: str, original: str = "") -> _Prepared:
    state = replace(_state(found, status), reason=reason, duplicate_of=original)
    return _Prepared(replace(found.document, text="", pages=(), regions=()), state)


def _state(found: Readout, status: Status) -> DocumentState:
    item = found.item
    return DocumentState(
        id=item.id,
        uri=item.uri,
        digest=found.document.digest,
        status=status,
        fingerprint=item.fingerprint,
        source=item.source,
        title=found.document.title,
        acl=item.acl,
    )


def _mark(chunk_id: str) -> str:
    return chunk_id.rpartition("#")[2]


@contextmanager
def _disk() -> Iterator[None]:
    """Says in words that the disk is full, whoever found it out; any other problem passes as it is."""
    try:
        yield
    except (OSError, RuntimeError, SurefootError) as problem:
        said = str(problem).lower()
        known = isinstance(problem, OSError) and problem.errno in _FULL
        if known or any(words in said for words in _FULL_WORDS):
            raise SurefootError(
                "the disk is full; what was written before is kept",
                hint="free some space, then run surefoot sync: it goes on where this stopped",
            ) from problem
        raise
