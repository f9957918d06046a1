"""A past question as it is told: stage by stage."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from surefoot.core.types import Usage
from surefoot.run.traced import Traced, TracedStage


class ToldTrace(BaseModel):
    """A question stage by stage; `user` and `key` asked it. Texts are empty where content is not kept."""

    trace_id: str
    name: str
    start_ns: str
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
    history: list[tuple[str, str]]
    filters: dict[str, Any] | None
    stages: list[TracedStage]


def told_trace(found: Traced) -> ToldTrace:
    """A trace as it is told."""
    return ToldTrace(
        trace_id=found.trace_id,
        name=found.name,
        start_ns=str(found.start_ns),
        ms=found.ms,
        question=found.question,
        answer=found.answer,
        refused=found.refused,
        confidence=found.confidence,
        solution=found.solution,
        solution_digest=found.solution_digest,
        user=found.user,
        key=found.key,
        usage=found.usage,
        error=found.error,
        history=list(found.history),
        filters=dict(found.filter) if found.filter is not None else None,
        stages=list(found.stages),
    )
