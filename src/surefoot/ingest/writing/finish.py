"""Has a chat model write what is missing of documents that are in the index already, and puts it in place.

What is indexed counts without it: a document is found by its passages until its views are there. It stops where the
budget or the model does; what was written is kept, and the next run goes on with the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from surefoot.core.parallel import pmap
from surefoot.core.roles import DocumentState, IndexedDocument
from surefoot.core.types import Chunk, Document
from surefoot.ingest.report import Writing
from surefoot.ingest.sync import Progress, Tools
from surefoot.ingest.viewing import ChunkPassages, ViewMaker, ViewPassages, Views, embedded_views
from surefoot.ingest.writing.asker import Asker
from surefoot.ingest.writing.desk import Desk, Taken, Task, named_of

COMMIT_S = 60.0
COMMIT_CHUNKS = 256
"""What was written is put in place when so many seconds or chunks have gathered."""


@dataclass(frozen=True, slots=True)
class Open:
    """A document of the index with all that is to be asked about it."""

    state: DocumentState
    document: Document
    chunks: Sequence[Chunk]
    tasks: Sequence[Task]


@dataclass(slots=True)
class _Tally:
    """What came of it so far."""

    documents: int = 0
    views: int = 0
    embedded: int = 0
    notes: list[str] = field(default_factory=list)


def opened(tools: Tools, desk: Desk, states: Iterable[DocumentState]) -> Iterable[Open]:
    """These documents as the index has them; those that are gone are left out."""
    for state in states:
        document = tools.index.document(state.id)
        if document is not None:
            chunks = tools.index.chunks(state.id)
            yield Open(state, document, chunks, desk.tasks(document, chunks))


def pending(states: Iterable[DocumentState]) -> list[DocumentState]:
    """The documents about which something has not been asked yet."""
    return [state for state in states if state.status == "ok" and state.pending]


def finish(
    tools: Tools,
    asker: Asker,
    states: Sequence[DocumentState],
    *,
    calls: int = 0,
    progress: Progress | None = None,
) -> Writing:
    """Asks what is missing of these documents, one after the other, and commits what came of it.

    `calls` is how many calls are expected, for the progress that is shown.
    """
    work = _Work(tools, asker, calls, progress)
    gathered: list[Open] = []
    since = tools.clock()
    # Once it has stopped, those are left that something was asked about for the forecast.
    open_still = (state for state in states if not asker.stopped or state.id in asker.begun)
    for one in opened(tools, asker.desk, open_still):
        work.ask(one)
        gathered.append(one)
        enough = sum(len(held.chunks) for held in gathered) >= COMMIT_CHUNKS
        if enough or tools.clock() - since >= COMMIT_S:
            work.commit(gathered)
            gathered, since = [], tools.clock()
    work.commit(gathered)
    if work.tally.documents:
        tools.index.maintain()
    return work.report()


class _Work:
    """One run of the writing."""

    def __init__(self, tools: Tools, asker: Asker, calls: int, progress: Progress | None) -> None:
        self.tally = _Tally()
        self._tools = tools
        self._asker = asker
        self._desk = asker.desk
        self._calls = calls
        self._progress = progress
        self._views = ViewMaker((), tools.index, tools.chunker.indexed_text)

    def ask(self, one: Open) -> None:
        """Asks what is missing; documents hold their replies before the first is there."""
        self._desk.hold({one.document.id: [task.key for task in one.tasks]})
        missing = self._desk.missing(one.tasks)
        for writer, tasks in groupby(missing, key=lambda task: task.writer):
            for _ in pmap(self._asker.ask, tasks, workers=writer.workers):
                self._show()

    def commit(self, gathered: Sequence[Open]) -> None:
        """Puts the rows of these documents in place, those that did not change left as they are."""
        found = [self._desk.taken(one.document, one.chunks, one.tasks) for one in gathered]
        changed = [
            (one, taken)
            for one, taken in zip(gathered, found, strict=True)
            if taken.pending != one.state.pending
        ]
        if not changed:
            return
        for _, taken in changed:
            self.tally.notes += taken.problems
        views = [self._viewed(one, taken) for one, taken in changed]
        vectors, fresh = embedded_views(views, self._tools.encoder)
        self.tally.embedded += fresh
        batch = [
            self._document(one, taken, ViewPassages(wanted.wanted, vectors))
            for (one, taken), wanted in zip(changed, views, strict=True)
        ]
        self._tools.index.replace(batch)
        self.tally.documents += len(batch)

    def report(self) -> Writing:
        """What was done, and how much of it is left in the index."""
        left = sum(state.pending for state in pending(self._tools.index.states()))
        count, usage = self._asker.count, self._asker.meter.usage
        return Writing(
            asked=count.asked,
            failed=count.failed,
            documents=self.tally.documents,
            views=self.tally.views,
            left=left,
            seconds=count.seconds,
            usage=replace(usage, encoder_tokens=0),
            stopped=self._asker.stopped,
            capped=self._asker.capped,
            notes=tuple(self.tally.notes),
        )

    def _viewed(self, one: Open, taken: Taken) -> Views:
        wanted = tuple(self._views.wanted(taken.views, one.chunks))
        self.tally.views += len(wanted)
        return Views(wanted, self._views.known(one.document.id, wanted))

    def _document(self, one: Open, taken: Taken, views: ViewPassages) -> IndexedDocument:
        """The document as it stands in the index, with what is written of it now."""
        tools, desk = self._tools, self._desk
        written = {viewer.name for viewer in desk.viewers}
        others = [row for row in tools.index.views(one.document.id) if row.view not in written]
        named = named_of(one.chunks, taken, tools.entities, desk)
        vectors = list(tools.index.vectors([chunk.id for chunk in one.chunks]))
        passages = ChunkPassages(one.chunks, vectors, tools.chunker.indexed_text, named)
        state = replace(one.state, pending=taken.pending)
        return IndexedDocument(one.document, state, passages, [*others, *views])

    def _show(self) -> None:
        if self._progress is not None:
            asked = self._asker.count.asked
            total = max(self._calls, asked)
            self._progress(asked, total, f"calls of the chat model, {_rate(self._asker)}")


def _rate(asker: Asker) -> str:
    count = asker.count
    return f"{count.seconds / count.asked:.1f} s each" if count.asked else "none answered yet"
