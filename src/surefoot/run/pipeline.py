"""Takes a question through the stages, one traced span a stage. The one place where stage errors are wrapped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surefoot.core.errors import SurefootError
from surefoot.core.roles import Call, Produces, Stage
from surefoot.core.trace import SpanKind, Tracer, annotate
from surefoot.core.types import Hit, Turn

_TRACED_HITS = 50


@dataclass(frozen=True, slots=True)
class NamedStage:
    """A built stage and the place it has in the solution file."""

    path: str
    kind: str
    stage: Stage


class Pipeline:
    """The stages of a solution, in order."""

    def __init__(
        self, stages: Sequence[NamedStage], tracer: Tracer, identity: Mapping[str, str]
    ) -> None:
        self._stages = tuple(stages)
        self._tracer = tracer
        self._identity = identity

    def ask(self, turn: Turn, call: Call) -> tuple[Turn, str]:
        """Runs all stages; returns the turn and its trace id."""
        return self._run("ask", self._stages, turn, call)

    def search(self, turn: Turn, call: Call) -> tuple[Turn, str]:
        """Runs all stages but those that answer; returns the turn and its trace id."""
        return self._run(
            "search", [s for s in self._stages if s.stage.produces != "answer"], turn, call
        )

    def _run(
        self, name: str, stages: Sequence[NamedStage], turn: Turn, call: Call
    ) -> tuple[Turn, str]:
        with self._tracer.span(name, "CHAIN", **_opening(turn, self._identity)) as trace_id:
            for named in stages:
                call.check_deadline()
                turn = self._step(named, turn, call)
            annotate(_closing(turn, call))
        return turn, trace_id

    def _step(self, named: NamedStage, turn: Turn, call: Call) -> Turn:
        with self._tracer.span(f"stage {named.kind}", _span_kind(named.stage.produces)):
            annotate({"surefoot.stage": named.path, "input.value": turn.query.text})
            try:
                after = named.stage(turn, call)
            except SurefootError as problem:
                problem.add_note(f"in {named.path} ({named.kind})")
                raise
            except Exception as problem:
                raise SurefootError(
                    f"{type(problem).__name__}: {problem}",
                    where=f"{named.path} ({named.kind})",
                    hint="run again with --debug and report this with its traceback",
                ) from problem
            annotate(dict(_result(turn, after)))
            return after


def _span_kind(produces: Produces) -> SpanKind:
    return "RETRIEVER" if produces == "hits" else "CHAIN"


def _opening(turn: Turn, identity: Mapping[str, str]) -> dict[str, str]:
    found = {f"surefoot.{key}": value for key, value in identity.items()}
    found["input.value"] = turn.query.text
    if turn.query.asker.user is not None:
        found["user.id"] = turn.query.asker.user
    return found


def _closing(turn: Turn, call: Call) -> dict[str, Any]:
    usage = call.meter.usage
    found: dict[str, Any] = {
        "llm.token_count.prompt": usage.prompt_tokens,
        "llm.token_count.completion": usage.completion_tokens,
        "llm.cost.total": usage.cost,
    }
    if turn.answer is not None:
        found["output.value"] = turn.answer.text
        found["surefoot.refused"] = turn.answer.refused
        if turn.answer.confidence is not None:
            found["surefoot.confidence"] = turn.answer.confidence
    return found


def _result(before: Turn, after: Turn) -> Iterator[tuple[str, Any]]:
    """OpenInference attributes of what the stage changed."""
    if after.hits is not before.hits:
        yield "surefoot.hits", len(after.hits)
        for i, hit in enumerate(after.hits[:_TRACED_HITS]):
            yield from _hit_attributes(f"retrieval.documents.{i}.document", hit)
    for i, note in enumerate(after.notes[len(before.notes) :]):
        yield f"surefoot.note.{i}", note.message
    if after.answer is not None and after.answer is not before.answer:
        yield "output.value", after.answer.text
        for i, citation in enumerate(after.answer.citations):
            yield f"surefoot.citation.{i}.chunk", citation.chunk.id
            yield f"surefoot.citation.{i}.supported", citation.supported


def _hit_attributes(prefix: str, hit: Hit) -> Iterator[tuple[str, Any]]:
    yield f"{prefix}.id", hit.chunk.id
    yield f"{prefix}.score", float(hit.score)
    yield f"{prefix}.content", hit.chunk.text
    yield f"{prefix}.by", hit.by
    for name, value in hit.signals.items():
        yield f"{prefix}.signal.{name}", float(value)
