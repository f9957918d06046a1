"""`/api/traces/ID`, `/api/feedback`, `/api/status`: how an answer came about, and what people say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field, model_validator

from surefoot.core.errors import MissingError
from surefoot.core.trace import SpanRecord
from surefoot.evaluate.evalsets.feedback import feedback_on
from surefoot.run.traced import traced
from surefoot.serve.answering import MAX_QUESTION
from surefoot.serve.live.syncing import Synced
from surefoot.serve.own.told import ToldTrace, told_trace
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/api", tags=["surefoot"])
_ID = "^[0-9a-f]{32}$"
TraceId = Annotated[str, Path(pattern=_ID)]


class OwnSpan(BaseModel):
    """A span: unix nanoseconds as text, because numbers of JavaScript do not hold them."""

    span_id: str
    parent_id: str | None
    name: str
    start_ns: str
    end_ns: str
    error: str
    attributes: dict[str, Any]


class OwnTrace(ToldTrace):
    """A trace told stage by stage, and its spans in their order."""

    spans: list[OwnSpan]


class FeedbackRequest(BaseModel):
    """Whether the answer of a trace was right, and the right one where it was not."""

    trace_id: Annotated[str, Field(pattern=_ID)]
    right: bool
    answer: Annotated[str, Field(max_length=MAX_QUESTION)] = ""
    source: Annotated[str, Field(max_length=2000)] = ""
    unanswerable: bool = False

    @model_validator(mode="after")
    def _one_of_them(self) -> FeedbackRequest:
        if self.unanswerable and self.answer:
            raise ValueError("unanswerable and answer contradict each other")
        return self


class FeedbackReply(BaseModel):
    """What was kept."""

    trace_id: str
    right: bool


class OwnStatus(BaseModel):
    """What is served: solutions, documents by status, the corpus version, requests that are worked on or wait.

    `sync` says how the documents are kept in step while serving; None where neither watched nor scheduled. `problems`
    says, by solution, why its changed file is not in force; the former one goes on answering.
    """

    workspace: str
    models: list[str]
    problems: dict[str, str]
    documents: dict[str, int]
    corpus: str
    waiting: int
    sync: Synced | None


@router.get("/traces/{trace_id}")
async def trace(trace_id: TraceId, request: Request, serving: Served, who: Who) -> OwnTrace:
    """How an answer came about; only who asked sees it, and who may read everything."""
    who.require("ask")
    spans = await serving.desk.run(request, lambda _: trace_spans(who, trace_id))
    told = [
        OwnSpan(
            span_id=one.span_id,
            parent_id=one.parent_id,
            name=one.name,
            start_ns=str(one.start_ns),
            end_ns=str(one.end_ns),
            error=one.error,
            attributes=dict(one.attributes),
        )
        for one in spans
    ]
    return OwnTrace(**dict(told_trace(traced(spans))), spans=told)


@router.post("/feedback")
async def feedback(
    body: FeedbackRequest, request: Request, serving: Served, who: Who
) -> FeedbackReply:
    """Keeps a verdict on one's own answer; `surefoot evalset add-feedback` makes questions of them."""
    who.require("write")
    at_ns = serving.clock_ns()

    def keep() -> None:
        spans = trace_spans(who, body.trace_id)
        given = feedback_on(spans, right=body.right, at_ns=at_ns)
        given = replace(
            given, correct=body.answer, source=body.source, answerable=not body.unanswerable
        )
        with who.tenant.using() as space:
            space.feedback.add(given)

    await serving.desk.run(request, lambda _: keep())
    return FeedbackReply(trace_id=body.trace_id, right=body.right)


@router.get("/status")
async def status(request: Request, serving: Served, who: Who) -> OwnStatus:
    """What is served, and how much of it could be read."""
    who.require("admin")

    def read() -> OwnStatus:
        with who.tenant.using() as space:
            has_corpus = space.solution.corpus is not None
            counted = Counter(str(state.status) for state in (space.status() if has_corpus else ()))
            version = space.resources.index().version() if has_corpus else ""
        return OwnStatus(
            workspace=who.tenant.name,
            models=who.tenant.models(),
            problems=dict(who.tenant.problems),
            documents=dict(counted),
            corpus=version,
            waiting=serving.desk.taken,
            sync=serving.syncing.state(who.tenant) if serving.syncing else None,
        )

    return await serving.desk.run(request, lambda _: read())


def trace_spans(who: Principal, trace_id: str) -> Sequence[SpanRecord]:
    """The spans of a trace that the principal may see; another's is as one that there is not."""
    missing = Refused(404, "there is no such trace", code="not_found", param="trace_id")
    with who.tenant.using() as space:
        try:
            spans = space.ledger.trace(trace_id)
        except MissingError:
            raise missing from None
    root = next((span for span in spans if span.parent_id is None), None)
    if not who.asker.is_owner and (root is None or root.attributes.get("surefoot.key") != who.name):
        raise missing
    return spans
