"""Takes a question through the stages, one traced span a stage. The one place where stage errors are wrapped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from surefoot.core.errors import SurefootError
from surefoot.core.metering import metered
from surefoot.core.roles import Call, Produces, Stage
from surefoot.core.steps import Step
from surefoot.core.trace import SpanKind, Tracer, annotate
from surefoot.core.types import Turn
from surefoot.run.spans import changed, closing, opening


@dataclass(frozen=True, slots=True)
class NamedStage:
    """A built stage and the place it has in the solution file."""

    path: str
    kind: str
    stage: Stage


class Pipeline:
    """The stages of a solution, in order. `located` completes the citations of an answer once it is there."""

    def __init__(
        self,
        stages: Sequence[NamedStage],
        tracer: Tracer,
        identity: Mapping[str, str],
        located: Callable[[Turn], Turn] | None = None,
    ) -> None:
        self._stages = tuple(stages)
        self._tracer = tracer
        self._identity = identity
        self._located = located

    @property
    def stages(self) -> tuple[NamedStage, ...]:
        """The stages as they were built."""
        return self._stages

    def ask(self, turn: Turn, call: Call) -> tuple[Turn, str]:
        """Runs all stages; returns the turn and its trace id."""
        return self._run("ask", self._stages, turn, call)

    def search(self, turn: Turn, call: Call) -> tuple[Turn, str]:
        """Runs all stages but those that answer; returns the turn and its trace id."""
        return self._run(
            "search", [s for s in self._stages if s.stage.produces != "answer"], turn, call
        )

    def recall(self, turn: Turn, steps: Sequence[Step], call: Call, former: str) -> str:
        """Traces a turn that was finished before, stage by stage, in the trace `former`; returns its trace id."""
        produced = {named.path: named.stage.produces for named in self._stages}
        with self._tracer.span("ask", "CHAIN", **opening(turn, self._identity, call)) as trace_id:
            for step in steps:
                kind = _span_kind(produced.get(step.path, "query"))
                with self._tracer.span(f"stage {step.kind}", kind):
                    annotate({"surefoot.stage": step.path, "input.value": turn.query.text})
                    annotate(dict(changed(step)))
            annotate({**closing(turn, call), "surefoot.cached": True, "surefoot.former": former})
        return trace_id

    def _run(
        self, name: str, stages: Sequence[NamedStage], turn: Turn, call: Call
    ) -> tuple[Turn, str]:
        with (
            metered(call.meter),
            self._tracer.span(name, "CHAIN", **opening(turn, self._identity, call)) as trace_id,
        ):
            for named in stages:
                call.check_deadline()
                turn = self._step(named, turn, call)
                if turn.answer is not None:
                    break  # a route may answer or refuse before the search
            annotate(closing(turn, call))
        return turn, trace_id

    def _step(self, named: NamedStage, turn: Turn, call: Call) -> Turn:
        with self._tracer.span(f"stage {named.kind}", _span_kind(named.stage.produces)):
            annotate({"surefoot.stage": named.path, "input.value": turn.query.text})
            began = call.clock()
            turn = call.given(turn, named.stage)
            try:
                after = named.stage(turn, call)
                if self._located is not None and after.answer is not turn.answer:
                    after = self._located(after)
            except SurefootError as problem:
                problem.add_note(f"in {named.path} ({named.kind})")
                raise
            except Exception as problem:
                raise SurefootError(
                    f"{type(problem).__name__}: {problem}",
                    where=f"{named.path} ({named.kind})",
                    hint="run again with --debug and report this with its traceback",
                ) from problem
            step = Step(named.path, named.kind, call.clock() - began, turn, after)
            annotate(dict(changed(step)))
            if call.on_step is not None:
                call.on_step(step)
            return after


def _span_kind(produces: Produces) -> SpanKind:
    return "RETRIEVER" if produces == "hits" else "CHAIN"
