"""What surefoot's own API reads and writes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from surefoot.core.regions import said_place
from surefoot.core.steps import Step
from surefoot.core.types import Citation
from surefoot.serve.answering import MAX_QUESTION, Answered, viewer_url
from surefoot.serve.search import FoundChunk, found_chunk

Words = Annotated[str, Field(max_length=MAX_QUESTION)]


class Exchange(BaseModel):
    """A question of the conversation so far, and what was answered."""

    question: Words
    answer: Words = ""


class AskRequest(BaseModel):
    """A question; an empty model is that of the key, else the workspace's own. `filters` as in `/v1/search`."""

    question: Annotated[str, Field(min_length=1, max_length=MAX_QUESTION)]
    model: Annotated[str, Field(max_length=200)] = ""
    history: Annotated[list[Exchange], Field(max_length=200)] = []
    filters: dict[str, Any] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    stream: bool = False


class CitedRegion(BaseModel):
    """Where a quote stands in a scan (page, box as shares of the page) or a recording (seconds)."""

    said: str
    page: int | None
    box: tuple[float, float, float, float] | None
    seconds: tuple[float, float] | None


class OwnCitation(BaseModel):
    """`answer[start:end]` rests on `document.text[source_start:source_end]`, which reads `quote`."""

    number: int
    start: int
    end: int
    document_id: str
    chunk_id: str
    title: str
    uri: str
    url: str
    source_start: int
    source_end: int
    quote: str
    supported: bool
    page: int | None
    region: CitedRegion | None


class OwnStage(BaseModel):
    """What a stage did: its place in the solution, time, hits it left and what it said."""

    path: str
    kind: str
    ms: float
    hits: int
    notes: list[str]


class OwnUsage(BaseModel):
    """What the answer consumed; `cost` in US dollars, not the whole where some requests are `unpriced`."""

    prompt_tokens: int
    completion_tokens: int
    encoder_tokens: int
    calls: int
    cost: float
    unpriced: int = 0


class AskReply(BaseModel):
    """An answer with all its evidence; `digest` names the solution that gave it, `trace_id` shows how.

    `cached`: the same question was answered before over the same documents; times of stages are those of then.
    """

    answer: str
    refused: bool
    confidence: float | None
    value: Any
    unsupported: list[str]
    citations: list[OwnCitation]
    hits: list[FoundChunk]
    stages: list[OwnStage]
    notes: list[str]
    usage: OwnUsage
    model: str
    digest: str
    trace_id: str
    cached: bool


def ask_reply(found: Answered, base: str) -> AskReply:
    """The reply; `base` is the address of this server with a slash at the end."""
    answer, used = found.answer, found.usage
    return AskReply(
        answer=answer.text,
        refused=answer.refused,
        confidence=answer.confidence,
        value=answer.value,
        unsupported=list(answer.unsupported),
        citations=[_citation(one, base) for one in answer.citations],
        hits=[found_chunk(hit) for hit in found.asked.turn.hits],
        stages=[stage(step) for step in found.asked.steps],
        notes=[note.line for note in found.asked.turn.notes],
        usage=OwnUsage(
            prompt_tokens=used.prompt_tokens,
            completion_tokens=used.completion_tokens,
            encoder_tokens=used.encoder_tokens,
            calls=used.calls,
            cost=used.cost,
            unpriced=used.unpriced,
        ),
        model=found.model,
        digest=found.digest,
        trace_id=found.asked.trace_id,
        cached=found.cached,
    )


def stage(step: Step) -> OwnStage:
    """A stage that has run, as it is told."""
    return OwnStage(
        path=step.path,
        kind=step.kind,
        ms=round(1000 * step.seconds, 1),
        hits=len(step.after.hits),
        notes=list(step.notes),
    )


def _citation(one: Citation, base: str) -> OwnCitation:
    chunk, place = one.chunk, one.region
    region = None
    if place is not None:
        region = CitedRegion(
            said=said_place(place), page=place.page, box=place.box, seconds=place.seconds
        )
    return OwnCitation(
        number=one.number,
        start=one.start,
        end=one.end,
        document_id=chunk.document_id,
        chunk_id=chunk.id,
        title=chunk.title or chunk.document_id,
        uri=chunk.uri,
        url=viewer_url(base, one),
        source_start=one.source_start,
        source_end=one.source_end,
        quote=one.quote,
        supported=one.supported,
        page=chunk.page,
        region=region,
    )
