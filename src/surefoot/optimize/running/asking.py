"""Asks questions of solutions in one process. What they share is opened and computed once; nothing is recorded."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter
from typing import Any, Self, cast

from surefoot.config.base import PartSettings
from surefoot.config.registry import Registry
from surefoot.config.settings import AppSettings
from surefoot.config.solution import Solution
from surefoot.core.roles import (
    Call,
    Encoder,
    HitScorer,
    Index,
    Meter,
    Parts,
    Reranker,
    Stage,
)
from surefoot.core.types import EvalCase, EvalSet, Expense, Query, Turn
from surefoot.evaluate.metrics.spans import CountTokens
from surefoot.evaluate.runner import Outcome, ask_one
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.standard import Judged, Standard
from surefoot.optimize.running.prefix import SharedEncoder, SharedIndex, Shelf, Step, walked
from surefoot.run.build import Resources
from surefoot.run.places import Place


@dataclass(frozen=True, slots=True)
class Setup:
    """What asking needs, as values that can be sent to another process.

    `corpus` is the version of the documents; `judged` says what is scored, and so which stages run.
    """

    place: Place
    settings: AppSettings
    evalset: EvalSet
    corpus: str
    judged: tuple[Judged, ...] = ("documents",)


@dataclass(frozen=True, slots=True)
class _Walk:
    """A solution that is ready to be asked; `parts` are what must have been opened."""

    steps: tuple[Step, ...]
    parts: frozenset[tuple[str, ...]]
    count_tokens: CountTokens | None


class Asking:
    """Holds indexes, encoders and rerankers open for all solutions that use them. Close it, or use `with`."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._registry = Registry()
        self._shelf = Shelf()
        self._closing = ExitStack()
        self._opened: dict[str, Resources] = {}
        self._encoders: dict[str, Encoder] = {}
        self._rerankers: dict[tuple[str, str], Reranker | HitScorer] = {}
        self._stages: dict[tuple[str, str], Stage] = {}
        self._walks: dict[str, _Walk] = {}
        self._warm: set[tuple[str, ...]] = set()

    def rows(self, solution: Solution, ids: Sequence[str]) -> Iterator[Row]:
        """What comes of each question, charged as if the solution were alone; a failure is a row too."""
        whole = self.run_of(solution)
        key = whole.model_dump_json()
        for name in ids:
            yield self._row(whole, key, self._cases[name])

    def run_of(self, solution: Solution) -> Solution:
        """The solution as far as it is run: without stages that answer where no answer is scored."""
        return as_run(solution, self._setup.judged, self._registry)

    def close(self) -> None:
        """Closes what was opened."""
        self._closing.close()

    @cached_property
    def _standard(self) -> Standard:
        return Standard.of(self._setup.evalset)

    @cached_property
    def _cases(self) -> Mapping[str, EvalCase]:
        return {case.id: case for case in self._setup.evalset.cases}

    def _row(self, solution: Solution, key: str, case: EvalCase) -> Row:
        taken = Expense()

        def ask(case: EvalCase) -> Outcome:
            nonlocal taken
            walk = self._walk(solution, key)
            turn = Turn(Query(text=case.question, lang=case.lang, filter=case.filter))
            self._warmed(walk, turn)
            call = Call(meter=Meter(), answer="answer" in self._setup.judged)
            after, taken = walked(walk.steps, turn, call, self._shelf)
            return Outcome(after, call.meter.usage, count_tokens=walk.count_tokens)

        row = ask_one(case, ask, self._setup.judged, perf_counter, self._standard)
        return replace(row, latency_ms=taken.wall_s * 1000, cpu_ms=taken.cpu_s * 1000)

    def _walk(self, solution: Solution, key: str) -> _Walk:
        """The stages of a solution with the name of all that stands up to each; made once."""
        if key not in self._walks:
            opened = self._resources(solution)
            parts = self._parts(opened)
            check = opened.built(solution.stages, parts)
            steps = tuple(
                Step(self._name(solution, place), self._stage(opened, settings, parts))
                for place, settings in enumerate(solution.stages[: len(check)], 1)
            )
            recipe = _recipe(opened)
            warmed = {(recipe, *_kinds(stage.model_dump())) for stage in solution.stages}
            count = opened.encoder().count_tokens if solution.corpus is not None else None
            self._walks[key] = _Walk(steps, frozenset(warmed), count)
        return self._walks[key]

    def _name(self, solution: Solution, length: int) -> str:
        """The digest of the solution as far as this stage, and of the documents."""
        begun = solution.model_copy(update={"stages": solution.stages[:length]})
        return f"{self._digest(begun)} {self._setup.corpus}"

    def _digest(self, solution: Solution) -> str:
        setup = self._setup
        return Resources(solution, setup.place, setup.settings, self._registry).digest

    def _resources(self, solution: Solution) -> Resources:
        """What solutions over the same index share."""
        setup = self._setup
        own = Resources(solution, setup.place, setup.settings, self._registry)
        name = " ".join([_recipe(own), *sorted(solution.endpoints)])
        if name not in self._opened:
            self._opened[name] = own
            self._closing.callback(own.close)
        return self._opened[name]

    def _parts(self, opened: Resources) -> Parts:
        plain = opened.parts()

        def index() -> Index:
            return cast("Index", SharedIndex(plain.index(), self._shelf, _recipe(opened)))

        parts = replace(
            plain,
            index=index,
            encoder=lambda: self._encoder(opened),
            reranker=lambda settings: self._reranker(opened, settings),
            stage=lambda settings: opened.stage(settings, parts),
        )
        return parts

    def _encoder(self, opened: Resources) -> Encoder:
        encoder = opened.encoder()
        if encoder.digest not in self._encoders:
            shared = cast("Encoder", SharedEncoder(encoder, self._shelf))
            self._encoders[encoder.digest] = shared
        return self._encoders[encoder.digest]

    def _reranker(self, opened: Resources, settings: PartSettings) -> Reranker | HitScorer:
        key = opened.encoder().digest, settings.model_dump_json()
        if key not in self._rerankers:
            self._rerankers[key] = opened.reranker(settings)
        return self._rerankers[key]

    def _stage(self, opened: Resources, settings: PartSettings, parts: Parts) -> Stage:
        """The same stage over the same index is one object, and what it remembers is remembered once."""
        key = _recipe(opened), settings.model_dump_json()
        if key not in self._stages:
            self._stages[key] = opened.stage(settings, parts)
        return self._stages[key]

    def _warmed(self, walk: _Walk, turn: Turn) -> None:
        """Walks once uncounted where a part is new: opening it belongs to no question."""
        if walk.parts <= self._warm:
            return
        self._shelf.idle = True
        try:
            walked(walk.steps, turn, Call(meter=Meter()), self._shelf)
        finally:
            self._shelf.idle = False
        self._warm |= walk.parts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def as_run(solution: Solution, judged: Collection[Judged], registry: Registry) -> Solution:
    """The solution without stages that answer, where answers are not scored and something else remains."""
    if "answer" in judged:
        return solution
    finding = tuple(
        stage
        for stage in solution.stages
        if registry.part_class("stage", stage.kind).produces != "answer"
    )
    return solution.model_copy(update={"stages": finding}) if finding else solution


def _recipe(opened: Resources) -> str:
    return opened.recipe if opened.solution.corpus is not None else ""


def _kinds(settings: Any) -> Iterator[str]:
    if isinstance(settings, Mapping):
        if "kind" in settings:
            yield str(settings["kind"])
        for value in settings.values():
            yield from _kinds(value)
    elif isinstance(settings, list | tuple):
        for value in settings:
            yield from _kinds(value)
