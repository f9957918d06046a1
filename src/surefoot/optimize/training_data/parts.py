"""What rows are made with, taken from a workspace: its own search, prompt, refusal, encoder and passages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from surefoot.core.errors import DataError
from surefoot.core.harmless import harmless
from surefoot.core.lang import detect
from surefoot.core.roles import Call, Message, Reranker
from surefoot.core.types import Chunk, GoldSpan, Lang, Query
from surefoot.evaluate.evalsets.importing.gold import find_gold
from surefoot.evaluate.evalsets.library import Library
from surefoot.evaluate.searching import untraced_search
from surefoot.generate.asking.prompting import no_answer
from surefoot.generate.checking.citations import with_marks
from surefoot.models.cross_encoder import CrossEncoder, CrossEncoderSettings
from surefoot.run.saying import serving_prompt
from surefoot.tune.checks import said_tokens
from surefoot.tune.data import PairParts, RaftParts, Taught
from surefoot.tune.data.asked import holds, stands_in

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

_DEPTH: Final = 20
HOUSE: Final[tuple[Lang, ...]] = ("en", "zh")
Refusal = Callable[[Lang], str]


def raft_parts(
    space: Workspace,
    *,
    refusal: str = "",
    count_tokens: Callable[[str], int] = len,
    max_tokens: int | None = None,
) -> RaftParts:
    """The parts of RAFT rows: prompts word for word as the solution in force sends them.

    Rows above `max_tokens` take fewer other passages.
    """
    search = searching(space)
    return RaftParts(
        search=search,
        right=Right(space, search),
        say=lambda question, chunks: serving_prompt(space, question, chunks, detect(question)),
        shows=shows,
        refusal=declining(refusal),
        cite=with_marks if cites(space) else lambda text, _numbers: text,
        fits=lambda messages, reply: (
            max_tokens is None or said_tokens(messages, reply, count_tokens) <= max_tokens
        ),
    )


def pair_parts(space: Workspace, *, teacher: Reranker | None = None) -> PairParts:
    """The parts of pairs: passages as the encoder of the index reads them, near by its own vectors."""
    search = searching(space)
    encoder, index, chunker = (
        space.resources.encoder(),
        space.resources.index(),
        space.resources.chunker(),
    )

    def score(query: str, chunks: Sequence[Chunk]) -> list[float]:
        vectors = index.vectors([chunk.id for chunk in chunks])
        return [float(one) for one in vectors @ encoder.embed_queries([query])[0]]

    return PairParts(
        search=search,
        right=Right(space, search),
        text=lambda chunk, taught: chunker.indexed_text(_without_hidden(chunk, taught)),
        score=score,
        teacher=None if teacher is None else teacher.score,
    )


def searching(space: Workspace) -> Callable[[str, int], list[Chunk]]:
    """The solution's own search without its answering stages; nothing is written to the ledger."""
    search = untraced_search(space)

    def find(question: str, limit: int) -> list[Chunk]:
        hits = search(Query(question, detect(question)), Call(limit=limit)).hits
        return [hit.chunk for hit in hits[:limit]]

    return find


def declining(refusal: str = "") -> Refusal:
    """What declining says: these words, else those that the answer stage asks for in the language."""
    return lambda lang: refusal or no_answer(lang, from_passages=True)


def refusals(refusal: str = "") -> tuple[str, ...]:
    """All that counts as declining: these words, and those of the answer stage in both languages."""
    return (
        refusal,
        *(no_answer(lang, from_passages=found) for lang in HOUSE for found in (True, False)),
    )


def cites(space: Workspace) -> bool:
    """Whether the stage that asks a chat model checks citations in its reply."""
    replies = [getattr(stage, "reply", "") for stage in space.solution.stages]
    return "plain" not in replies


def shows(messages: Sequence[Message], chunk: Chunk) -> bool:
    """Whether the messages hold the whole text of a passage."""
    text = harmless(chunk.text)
    return any(text in message.content for message in messages)


def cross_encoder(model: str, space: Workspace) -> CrossEncoder:
    """A teacher by alias or folder; the caller closes it."""
    given = space.root / Path(model).expanduser()
    name = str(given) if given.is_dir() else model
    return CrossEncoder(CrossEncoderSettings(model=name), space.resources.env)


class Right:
    """The passages of the index that a question needs: by its gold, by what it quotes, by its answer."""

    def __init__(self, space: Workspace, search: Callable[[str, int], Sequence[Chunk]]) -> None:
        self._index = space.resources.index()
        self._search = search
        self._library: Library | None = None

    def __call__(self, taught: Taught) -> list[Chunk]:
        """Best first, one for each span; none where it cannot be told."""
        gold = taught.gold
        if taught.own and (gold or taught.quotes):
            gold = self._found(taught)
        spans = [span for span in gold if span.start is not None]
        if spans:
            chunks = [chunk for span in spans for chunk in self._at(span)]
        elif gold:
            chunks = [chunk for span in gold for chunk in self._within(span, taught)]
        else:
            chunks = self._holding(taught)
        return list({chunk.id: chunk for chunk in chunks}.values())

    def _found(self, taught: Taught) -> tuple[GoldSpan, ...]:
        """What a user's row names and quotes, in the documents; nothing where it leads nowhere."""
        if self._library is None:
            self._library = Library.of_index(self._index)
        names = [span.document_id for span in taught.gold]
        try:
            found = find_gold(names, taught.quotes, self._library)
        except DataError:
            return ()
        return found.spans or tuple(GoldSpan(name, "") for name in found.documents)

    def _at(self, span: GoldSpan) -> Iterator[Chunk]:
        """The chunk that has most of the span, the first of several."""
        chunks = [c for c in self._index.chunks(span.document_id) if stands_in(c, span)]
        if chunks:
            yield max(chunks, key=lambda c: (_shared(c, span), -c.index))

    def _within(self, span: GoldSpan, taught: Taught) -> Iterator[Chunk]:
        """The chunk of a document that holds an answer, else the first that the search finds, else the only one."""
        chunks = self._index.chunks(span.document_id)
        held = [c for c in chunks if holds(c, taught.answers, taught.lang)]
        if len(chunks) == 1 or len(held) == 1:
            yield (held or chunks)[0]
            return
        known = {chunk.id for chunk in held or chunks}
        found = [c for c in self._search(taught.question, _DEPTH) if c.id in known]
        yield from (found or held)[:1]

    def _holding(self, taught: Taught) -> list[Chunk]:
        found = self._search(taught.question, _DEPTH)
        return [c for c in found if holds(c, taught.answers, taught.lang)][:1]


def _shared(chunk: Chunk, span: GoldSpan) -> int:
    return min(chunk.end, span.end or 0) - max(chunk.start, span.start or 0)


def _without_hidden(chunk: Chunk, taught: Taught) -> Chunk:
    """The chunk without the sentence that the question was taken from."""
    if taught.hidden is None or taught.hidden[0] != chunk.document_id:
        return chunk
    _, start, end = taught.hidden
    first, last = max(start, chunk.start) - chunk.start, min(end, chunk.end) - chunk.start
    if first >= last:
        return chunk
    text = f"{chunk.text[:first].rstrip()} {chunk.text[last:].lstrip()}".strip()
    return replace(chunk, text=text)
