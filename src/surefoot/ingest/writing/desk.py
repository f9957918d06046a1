"""Where what a chat model writes of documents is asked for, kept and taken up. Knows no sources and no index.

All replies pass through the book: asking puts them in, `taken` reads them out. What was asked once is not asked again
after a kill, for the same passage in another document, or for a document that changed elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from surefoot.core.digest import sha256_bytes
from surefoot.core.errors import DataError
from surefoot.core.roles import ChatModel, Request, View, WritingViewer
from surefoot.core.types import Chunk, Document
from surefoot.ingest.writing.naming import ModelNames
from surefoot.store.replies import KeptReply, ReplyBook

Writer = WritingViewer | ModelNames


@dataclass(frozen=True, slots=True)
class Task:
    """One request of one writer."""

    writer: Writer
    request: Request
    key: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What is written of a document so far: views by viewer, keys of entities by chunk; `pending` is not asked yet.

    `keys` name all that was to be asked; `problems` say which chunk has no such view, and why.
    """

    views: tuple[tuple[WritingViewer, View], ...] = ()
    named: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    pending: int = 0
    keys: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Models:
    """The chat models that write: `digest` names what a model of this name is, `open` opens it, once."""

    open: Callable[[str], ChatModel]
    digest: Callable[[str], str]


class Desk:
    """The writers of a corpus over the book of their replies. `place` names the index that holds them."""

    def __init__(
        self, writers: Sequence[Writer], models: Models, book: ReplyBook, place: str
    ) -> None:
        self.writers = tuple(writers)
        self.book = book
        self.place = place
        self._models = models
        self._digests: dict[str, str] = {}

    @property
    def names(self) -> ModelNames | None:
        """The writer of entities, where there is one."""
        return next((w for w in self.writers if isinstance(w, ModelNames)), None)

    @property
    def viewers(self) -> list[WritingViewer]:
        """The writers of views."""
        return [writer for writer in self.writers if not isinstance(writer, ModelNames)]

    def tasks(self, document: Document, chunks: Sequence[Chunk]) -> list[Task]:
        """All that is to be asked about a document, whatever is known already."""
        return [
            Task(writer, request, self._key(writer, request))
            for writer in self.writers
            for request in writer.requests(document, chunks)
        ]

    def missing(self, tasks: Sequence[Task]) -> list[Task]:
        """What nobody has been asked yet, equal requests once."""
        known = self.book.find(task.key for task in tasks)
        return list({task.key: task for task in tasks if task.key not in known}.values())

    def taken(
        self, document: Document, chunks: Sequence[Chunk], tasks: Sequence[Task] | None = None
    ) -> Taken:
        """What the replies that there are give, each checked."""
        tasks = self.tasks(document, chunks) if tasks is None else tasks
        known = self.book.find(task.key for task in tasks)
        views: list[tuple[WritingViewer, View]] = []
        named: dict[int, tuple[str, ...]] = {}
        problems: list[str] = []
        for task in tasks:
            kept = known.get(task.key)
            if kept is None:
                continue
            try:
                self._read(task, kept, (document, chunks), views, named)
            except DataError as problem:
                places = ", ".join(map(str, task.request.chunks))
                where = f"{document.id}, passage {places}"
                problems.append(f"{where}: no {task.writer.name}, {problem.message}")
        pending = sum(task.key not in known for task in tasks)
        keys = tuple(dict.fromkeys(task.key for task in tasks))
        return Taken(tuple(views), named, pending, keys, tuple(problems))

    def useless(
        self, document: Document, chunks: Sequence[Chunk], tasks: Sequence[Task]
    ) -> list[str]:
        """The keys of replies from which nothing can be taken."""
        known = self.book.find(task.key for task in tasks)
        found: list[str] = []
        for task in tasks:
            try:
                if task.key in known:
                    self._read(task, known[task.key], (document, chunks), [], {})
            except DataError:
                found.append(task.key)
        return found

    def hold(self, keys: Mapping[str, Sequence[str]]) -> None:
        """Says which replies these documents hold now; what was theirs alone goes. Said before any is kept."""
        self.book.hold(self.place, keys)

    def model(self, name: str) -> ChatModel:
        """A chat model that writes, opened."""
        return self._models.open(name)

    def _read(
        self,
        task: Task,
        kept: KeptReply,
        about: tuple[Document, Sequence[Chunk]],
        views: list[tuple[WritingViewer, View]],
        named: dict[int, tuple[str, ...]],
    ) -> None:
        if kept.problem:
            raise DataError(kept.problem)
        writer = task.writer
        if isinstance(writer, ModelNames):
            (place,) = task.request.chunks
            chunk = next(chunk for chunk in about[1] if chunk.index == place)
            named[place] = writer.keys(kept.text, chunk)
            return
        views += ((writer, view) for view in writer.read(task.request, kept.text, *about))

    def _key(self, writer: Writer, request: Request) -> str:
        """The digest of all that a reply depends on; the prompt's text is part of the messages."""
        if writer.model not in self._digests:
            self._digests[writer.model] = self._models.digest(writer.model)
        sampling = request.sampling
        parts = [
            self._digests[writer.model],
            *(f"{message.role}\0{message.content}" for message in request.messages),
            f"{sampling.max_tokens} {sampling.temperature} {sampling.seed} {sampling.stop}",
        ]
        return sha256_bytes("\0\0".join(parts).encode("utf-8", "replace"))


def named_of(
    chunks: Sequence[Chunk],
    written: Taken,
    patterns: Callable[[str], tuple[str, ...]] | None,
    desk: Desk | None,
) -> list[tuple[str, ...]]:
    """The keys of what each chunk names: by patterns, and by a model where one has named anything."""
    names = desk.names if desk is not None else None
    found: list[tuple[str, ...]] = []
    for chunk in chunks:
        keys = patterns(chunk.text) if patterns is not None else ()
        own = written.named.get(chunk.index)
        found.append(names.merged(own, keys) if names is not None and own else keys)
    return found
