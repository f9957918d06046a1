"""A kept trace as people look at it: stage by stage, each hit with its rank before and after, and why others went."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from surefoot.core.errors import DataError
from surefoot.core.trace import SpanRecord
from surefoot.core.types import Usage

Attributes = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TracedHit:
    """A hit after a stage: its rank now and before, from 1; `was` is None where it came with this stage.

    One from `outside` is of no document here; `address` is where the engine said that it stands, never checked.
    """

    chunk_id: str
    document_id: str
    now: int
    was: int | None
    score: float
    by: str
    text: str
    signals: Mapping[str, float]
    outside: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class TracedDrop:
    """A hit that a stage dropped, by the rank it had; `why` is what the stage said of it, empty where nothing."""

    chunk_id: str
    document_id: str
    was: int
    why: str


@dataclass(frozen=True, slots=True)
class TracedChat:
    """What a chat model was told, and its reply."""

    prompt: str
    reply: str


@dataclass(frozen=True, slots=True)
class TracedStage:
    """What a stage did. `before` and `after` count all hits; the lists hold the first fifty that the trace keeps.

    `ranks` is empty where the stage left the hits as they were. `asked` is what it did to the question, as pairs of
    what (`standalone`, `variant`, `guess`, `filter`) and text. `begin_ms` counts from the beginning of the question.
    """

    path: str
    kind: str
    begin_ms: float
    ms: float
    before: int
    after: int
    ranks: tuple[TracedHit, ...]
    dropped: int
    drops: tuple[TracedDrop, ...]
    asked: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    chats: tuple[TracedChat, ...]
    answer: str
    usage: Usage
    error: str


@dataclass(frozen=True, slots=True)
class Traced:
    """A traced question; texts are empty where content is not kept. `refused` is None where nothing answered."""

    trace_id: str
    name: str
    start_ns: int
    ms: float
    question: str
    answer: str
    refused: bool | None
    confidence: float | None
    solution: str
    solution_digest: str
    user: str
    key: str
    usage: Usage
    error: str
    stages: tuple[TracedStage, ...]
    history: tuple[tuple[str, str], ...] = ()
    filter: Mapping[str, Any] | None = None

    @property
    def hits(self) -> tuple[TracedHit, ...]:
        """The hits after the last stage that changed them."""
        return next((stage.ranks for stage in reversed(self.stages) if _changed(stage)), ())


def traced(spans: Sequence[SpanRecord]) -> Traced:
    """The spans of one trace as a question with its stages.

    Raises:
        DataError: there is no span of a whole question among them.
    """
    root = next((span for span in spans if span.parent_id is None), None)
    if root is None:
        raise DataError("the trace has no beginning", where=spans[0].trace_id if spans else "")
    said = root.attributes
    history = said.get("surefoot.history")
    told = said.get("surefoot.filter")
    return Traced(
        trace_id=root.trace_id,
        name=root.name,
        start_ns=root.start_ns,
        ms=(root.end_ns - root.start_ns) / 1e6,
        question=str(said.get("input.value", "")),
        answer=str(said.get("output.value", "")),
        refused=said.get("surefoot.refused"),
        confidence=said.get("surefoot.confidence"),
        solution=str(said.get("surefoot.solution", "")),
        solution_digest=str(said.get("surefoot.solution_digest", "")),
        user=str(said.get("user.id", "")),
        key=str(said.get("surefoot.key", "")),
        usage=_usage(said),
        error=root.error,
        stages=tuple(_stages(spans, root)),
        history=tuple((one, two) for one, two in json.loads(history)) if history else (),
        filter=json.loads(told) if told else None,
    )


def numbered(attributes: Attributes, prefix: str) -> Iterator[tuple[str, Any]]:
    """What an attribute `prefix` + number + name says, as name and value; in the order of the span."""
    for key, value in attributes.items():
        if key.startswith(prefix):
            yield key.removeprefix(prefix).partition(".")[2], value


def _stages(spans: Sequence[SpanRecord], root: SpanRecord) -> Iterator[TracedStage]:
    before = 0
    for span in spans:
        if "surefoot.stage" not in span.attributes:
            continue
        stage = _stage(span, before)
        yield replace(stage, begin_ms=(span.start_ns - root.start_ns) / 1e6)
        before = stage.after


def _stage(span: SpanRecord, before: int) -> TracedStage:
    said = span.attributes
    notes = tuple(str(value) for _, value in numbered(said, "surefoot.note."))
    return TracedStage(
        path=str(said["surefoot.stage"]),
        kind=span.name.removeprefix("stage "),
        begin_ms=0.0,
        ms=(span.end_ns - span.start_ns) / 1e6,
        before=before,
        after=int(said.get("surefoot.hits", before)),
        ranks=tuple(_ranks(said)),
        dropped=int(said.get("surefoot.dropped", 0)),
        drops=tuple(_drops(said, notes)),
        asked=tuple((name, str(value)) for name, value in numbered(said, "surefoot.query.")),
        notes=notes,
        chats=tuple(_chats(said)),
        answer=str(said.get("output.value", "")),
        usage=_usage(said),
        error=span.error,
    )


def _ranks(said: Attributes) -> Iterator[TracedHit]:
    for place in range(int(said.get("surefoot.hits", 0))):
        prefix = f"retrieval.documents.{place}.document"
        if f"{prefix}.id" not in said:
            return
        mark = f"{prefix}.signal."
        yield TracedHit(
            chunk_id=str(said[f"{prefix}.id"]),
            document_id=str(said.get(f"{prefix}.source", "")),
            now=place + 1,
            was=said.get(f"{prefix}.was"),
            score=float(said[f"{prefix}.score"]),
            by=str(said.get(f"{prefix}.by", "")),
            text=str(said.get(f"{prefix}.content", "")),
            signals={
                key.removeprefix(mark): float(value)
                for key, value in said.items()
                if key.startswith(mark)
            },
            outside=bool(said.get(f"{prefix}.outside")),
            address=str(said.get(f"{prefix}.address", "")),
        )


def _drops(said: Attributes, notes: Sequence[str]) -> Iterator[TracedDrop]:
    for place in range(int(said.get("surefoot.dropped", 0))):
        name = said.get(f"surefoot.dropped.{place}.id")
        if name is None:
            return
        why = next((note for note in notes if str(name) in note), "")
        document = str(said.get(f"surefoot.dropped.{place}.document", ""))
        yield TracedDrop(str(name), document, int(said[f"surefoot.dropped.{place}.was"]), why)


def _chats(said: Attributes) -> Iterator[TracedChat]:
    place = 0
    while (prompt := said.get(f"surefoot.chat.{place}.prompt")) is not None:
        yield TracedChat(str(prompt), str(said.get(f"surefoot.chat.{place}.reply", "")))
        place += 1


def _usage(said: Attributes) -> Usage:
    return Usage(
        prompt_tokens=int(said.get("llm.token_count.prompt", 0)),
        completion_tokens=int(said.get("llm.token_count.completion", 0)),
        cost=float(said.get("llm.cost.total", 0.0)),
        encoder_tokens=int(said.get("surefoot.encoder_tokens", 0)),
    )


def _changed(stage: TracedStage) -> bool:
    return bool(stage.ranks or stage.dropped)
