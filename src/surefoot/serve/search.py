"""`/v1/search`: what the documents hold on a question, without an answer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from surefoot.core.filters import Filter, parse_filter
from surefoot.core.types import Hit, MetaValue
from surefoot.serve.answering import MAX_QUESTION, Question, search
from surefoot.serve.serving import Served
from surefoot.serve.who import Who

router = APIRouter(prefix="/v1/search", tags=["search"])


class SearchRequest(BaseModel):
    """A question; `filters` in the form that vector stores use (`eq`, `and` ...); an empty model is the default one."""

    query: Annotated[str, Field(min_length=1, max_length=MAX_QUESTION)]
    model: str = ""
    limit: Annotated[int, Field(ge=1, le=50)] = 10
    filters: dict[str, Any] | None = None


class FoundChunk(BaseModel):
    """A passage: its text is `document.text[start:end]`; scores of different searches do not compare."""

    chunk_id: str
    document_id: str
    title: str
    uri: str
    text: str
    start: int
    end: int
    page: int | None
    headings: list[str]
    score: float
    by: str
    metadata: dict[str, MetaValue]


class SearchReply(BaseModel):
    """What was found, best first; `trace_id` shows how."""

    data: list[FoundChunk]
    model: str
    trace_id: str
    notes: list[str]


@router.post("")
async def find(body: SearchRequest, request: Request, serving: Served, who: Who) -> SearchReply:
    """The best passages that the key may read."""
    who.require("search")
    question = Question(body.query, model=body.model, filter=filter_of(body.filters))
    found, hits = await serving.desk.run(
        request, lambda gone: search(serving, who, question, gone, limit=body.limit)
    )
    return SearchReply(
        data=[found_chunk(hit) for hit in hits],
        model=found.model,
        trace_id=found.asked.trace_id,
        notes=[note.line for note in found.asked.turn.notes],
    )


def filter_of(raw: dict[str, Any] | None) -> Filter | None:
    """The filter of a request.

    Raises:
        ConfigError: it is none.
    """
    return parse_filter(raw, where="filters") if raw else None


def found_chunk(hit: Hit) -> FoundChunk:
    """A hit as it is told."""
    chunk = hit.chunk
    return FoundChunk(
        chunk_id=chunk.id,
        document_id=chunk.document_id,
        title=chunk.title,
        uri=chunk.uri,
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
        page=chunk.page,
        headings=list(chunk.headings),
        score=hit.score,
        by=hit.by,
        metadata=dict(chunk.meta),
    )
