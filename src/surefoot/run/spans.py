"""What the span of a stage or question says: OpenInference attributes, and surefoot's own for ranks and drops."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from surefoot.core.filters import filter_to_json
from surefoot.core.roles import Call
from surefoot.core.steps import Move, Step, moves, query_changes
from surefoot.core.types import Region, Turn

_TRACED_HITS = 50


def opening(turn: Turn, identity: Mapping[str, str], call: Call) -> dict[str, str]:
    """What is known of a question before its first stage."""
    found = {f"surefoot.{key}": value for key, value in identity.items()}
    found["input.value"] = turn.query.text
    if turn.query.asker.user is not None:
        found["user.id"] = turn.query.asker.user
    if call.key:
        found["surefoot.key"] = call.key
    if wished := {name: value for name, value in asdict(call.wish).items() if value is not None}:
        found["surefoot.wish"] = json.dumps(wished)
    if turn.query.history:
        found["surefoot.history"] = json.dumps(turn.query.history, ensure_ascii=False)
    if turn.query.filter is not None:
        said = filter_to_json(turn.query.filter)
        found["surefoot.filter"] = json.dumps(said, ensure_ascii=False)
    return found


def closing(turn: Turn, call: Call) -> dict[str, Any]:
    """What is known of a question after its last stage."""
    usage = call.meter.usage
    found: dict[str, Any] = {
        "llm.token_count.prompt": usage.prompt_tokens,
        "llm.token_count.completion": usage.completion_tokens,
        "llm.cost.total": usage.cost,
        "surefoot.encoder_tokens": usage.encoder_tokens,
    }
    if turn.answer is not None:
        found["output.value"] = turn.answer.text
        found["surefoot.refused"] = turn.answer.refused
        if turn.answer.confidence is not None:
            found["surefoot.confidence"] = turn.answer.confidence
    return found


def changed(step: Step) -> Iterator[tuple[str, Any]]:
    """What a stage changed: the query, each hit with its rank before, what was dropped, notes and the answer."""
    before, after = step.before, step.after
    for i, (what, value) in enumerate(query_changes(step)):
        yield f"surefoot.query.{i}.{what}", value
    if after.hits is not before.hits:
        yield from _hits(step)
    for i, note in enumerate(step.notes):
        yield f"surefoot.note.{i}", note
    if after.answer is not None and after.answer is not before.answer:
        yield "output.value", after.answer.text
        for i, citation in enumerate(after.answer.citations):
            yield f"surefoot.citation.{i}.chunk", citation.chunk.id
            yield f"surefoot.citation.{i}.supported", citation.supported
            yield f"surefoot.citation.{i}.document", citation.chunk.document_id
            yield f"surefoot.citation.{i}.start", citation.source_start
            yield f"surefoot.citation.{i}.end", citation.source_end
            yield f"surefoot.citation.{i}.content", citation.quote
            if citation.region is not None:
                yield from _region(f"surefoot.citation.{i}", citation.region)


def _region(prefix: str, region: Region) -> Iterator[tuple[str, Any]]:
    if region.page is not None:
        yield f"{prefix}.page", region.page
    if region.box is not None:
        yield f"{prefix}.box", list(region.box)
    if region.seconds is not None:
        yield f"{prefix}.seconds", list(region.seconds)


def _hits(step: Step) -> Iterator[tuple[str, Any]]:
    kept, dropped = moves(step)
    yield "surefoot.hits", len(kept)
    for i, move in enumerate(kept[:_TRACED_HITS]):
        yield from _hit(f"retrieval.documents.{i}.document", move)
    if dropped:
        yield "surefoot.dropped", len(dropped)
    for i, move in enumerate(dropped[:_TRACED_HITS]):
        yield f"surefoot.dropped.{i}.id", move.hit.chunk.id
        yield f"surefoot.dropped.{i}.was", move.was
        yield f"surefoot.dropped.{i}.document", move.hit.chunk.document_id


def _hit(prefix: str, move: Move) -> Iterator[tuple[str, Any]]:
    hit = move.hit
    yield f"{prefix}.id", hit.chunk.id
    yield f"{prefix}.score", float(hit.score)
    yield f"{prefix}.content", hit.chunk.text
    yield f"{prefix}.by", hit.by
    yield f"{prefix}.source", hit.chunk.document_id
    if hit.chunk.outside:
        yield f"{prefix}.outside", True
        yield f"{prefix}.address", hit.chunk.uri
    if move.was is not None:
        yield f"{prefix}.was", move.was
    for name, value in hit.signals.items():
        yield f"{prefix}.signal.{name}", float(value)
