"""Asks search engines elsewhere beside the own search, and makes one list of it all. Knows no engine's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from surefoot.config.base import AnyPart, Incidental, Part, PartSettings
from surefoot.core.errors import ConfigError, SurefootError, TransientError
from surefoot.core.parallel import pmap
from surefoot.core.roles import Call, Finds, Parts, Produces, Takes
from surefoot.core.trace import annotate
from surefoot.core.types import Chunk, Hit, Note, Query, Turn
from surefoot.retrieve.engines import EngineSettings
from surefoot.retrieve.fuse import Fusion, Ranked, best_first, fuse
from surefoot.retrieve.merging import Listed, merged

OWN = "own"
"""What the hits of the turn are called among the engines."""


class FederateSettings(PartSettings):
    """Search engines elsewhere, fused with what the search found; those that fail are left out with a note."""

    kind: Literal["federate"] = "federate"
    engines: Annotated[tuple[AnyPart, ...], Part("engine")] = Field(
        default=(), description="the engines that are asked, all at once"
    )
    keep: PositiveInt = Field(default=10, description="hits that go on to the next stage")
    fusion: Fusion = Field(
        default="minmax",
        description="how the lists become one: minmax and zscore add scaled scores, rrf adds reciprocal ranks",
    )
    weight: PositiveFloat = Field(
        default=1.0,
        description="what the own hits count in the fused score; each engine says its own",
    )
    nearness: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="share of the cosine between question and passage, by the solution's encoder, in the fused score; "
        "0 = nothing is embedded",
    )
    candidates: PositiveInt = Field(
        default=8, description="passages that are embedded for it at most, best ranks first"
    )
    timeout_s: Annotated[PositiveFloat, Incidental()] = Field(
        default=10.0, description="seconds for all engines together"
    )

    @field_validator("engines")
    @classmethod
    def _are_engines(cls, engines: tuple[PartSettings, ...]) -> tuple[PartSettings, ...]:
        alien = [engine.kind for engine in engines if not isinstance(engine, EngineSettings)]
        if alien:
            raise ValueError(f"the settings of {alien[0]} do not derive from EngineSettings")
        return engines

    @model_validator(mode="after")
    def _have_names_of_their_own(self) -> Self:
        names = [engine.called for engine in self.asked]
        for name in names:
            if names.count(name) > 1 or name == OWN:
                raise ValueError(
                    f'two lists are named {name!r}; give one a name = "..." of its own'
                )
        return self

    @property
    def asked(self) -> list[EngineSettings]:
        """The engines' settings."""
        return [engine for engine in self.engines if isinstance(engine, EngineSettings)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking an engine, and how long it took."""

    settings: EngineSettings
    said: Finds | SurefootError
    seconds: float


class Federate:
    """Puts the best of its engines and of the hits before it into the turn.

    A passage that several found is one hit: same text, or the same address found by different engines. The signals
    `NAME_rank` and `NAME_score` say what each engine thought of it. `own` names the hits that were there before.
    """

    Settings = FederateSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: FederateSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with the fused hits; an engine that is down, slow or malformed is left out with a note.

        Raises:
            TransientError: nothing was found before, and every engine failed.
            ConfigError: the same, and none of them can be used as it is set.
        """
        heard = self._ask(turn, call)
        notes = [Note("federate", text) for asked in heard for text in _notes(asked)]
        turn = replace(turn, notes=(*turn.notes, *notes))
        failed = [asked.said for asked in heard if isinstance(asked.said, SurefootError)]
        if failed and len(failed) == len(heard) and not turn.hits:
            raise _all_failed(failed)
        answered = [asked for asked in heard if isinstance(asked.said, Finds) and asked.said.hits]
        if not answered:
            return turn
        wanted = max(self._settings.keep, call.limit or 0)
        lists = list(self._lists(turn.hits, answered))
        hits, doubts = self._near(merged(lists), turn.query)
        fused = self.fused(hits, lists)
        best = [replace(hits[name], score=fused[name], by="federate") for name in best_first(fused)]
        return replace(turn, hits=tuple(best[:wanted]), notes=(*turn.notes, *doubts))

    def _ask(self, turn: Turn, call: Call) -> list[Asked]:
        """Asks every engine that is open to the asker; to others it is as if it were not there."""
        engines = [one for one in self._settings.asked if one.open_to(turn.query.asker)]
        ends = call.clock() + self._settings.timeout_s
        if call.deadline_s is not None:
            ends = min(ends, call.deadline_s)
        within = replace(call, deadline_s=ends, on_text=None, on_step=None)

        def ask(settings: EngineSettings) -> Asked:
            began = call.clock()
            said: Finds | SurefootError
            try:
                wanted = max(settings.limit, call.limit or 0)
                said = self._parts.engine(settings).find(turn.query, wanted, within)
            except SurefootError as problem:
                said = problem
            return Asked(settings, said, call.clock() - began)

        heard = list(pmap(ask, engines, workers=len(engines)))
        for asked in heard:
            annotate(_traced(asked))
        return heard

    def _lists(self, own: Sequence[Hit], answered: Sequence[Asked]) -> Iterator[Listed]:
        if own:
            yield Listed(OWN, tuple(own), self._settings.weight, firm=True)
        for asked in answered:
            if isinstance(asked.said, Finds):
                yield Listed(asked.settings.called, asked.said.hits, asked.settings.weight)

    def _near(self, hits: dict[str, Hit], query: Query) -> tuple[dict[str, Hit], list[Note]]:
        """The hits, those without a cosine given the one that the vector search would have told."""
        bare = [name for name in _by_rank(hits) if "cosine" not in hits[name].signals]
        bare = bare[: self._settings.candidates]
        if not bare or not self._settings.nearness:
            return hits, []
        try:
            encoder = self._parts.encoder()
            question = encoder.embed_queries([query.asked])[0]
            vectors = encoder.embed_passages([_as_embedded(hits[name].chunk) for name in bare])
        except (ConfigError, TransientError) as problem:  # no corpus, or an encoder that is down
            return hits, [Note("federate", f"passages are ranked without their cosines: {problem}")]
        near = dict(zip(bare, (vectors @ question).tolist(), strict=True))
        told = {
            name: replace(hits[name], signals={**hits[name].signals, "cosine": float(cosine)})
            for name, cosine in near.items()
        }
        return {**hits, **told}, []

    def fused(self, hits: Mapping[str, Hit], lists: Sequence[Listed]) -> dict[str, float]:
        """The fused score of each hit, 0 to 1 under minmax."""
        whole = sum(one.weight for one in lists)
        near = _scores(hits, "cosine")
        share = self._settings.nearness if near else 0.0
        ranked = [
            Ranked(_scores(hits, f"{one.name}_score"), (1 - share) * one.weight / whole)
            for one in lists
        ]
        return fuse([*ranked, Ranked(near, share)], self._settings.fusion)


def _by_rank(hits: Mapping[str, Hit]) -> list[str]:
    """Ids by the best rank that a list gave each."""
    best = {
        name: min(value for key, value in hit.signals.items() if key.endswith("_rank"))
        for name, hit in hits.items()
    }
    return sorted(best, key=lambda name: (best[name], name))


def _scores(hits: Mapping[str, Hit], signal: str) -> dict[str, float]:
    return {name: hit.signals[signal] for name, hit in hits.items() if signal in hit.signals}


def _as_embedded(chunk: Chunk) -> str:
    return f"{chunk.title}\n{chunk.text}" if chunk.title else chunk.text


def _notes(asked: Asked) -> Iterator[str]:
    name = asked.settings.called
    if isinstance(asked.said, SurefootError):
        yield f"{name} left out: {_words(asked.said, name)}"
    else:
        yield from (f"{name}: {note}" for note in asked.said.notes)


def _traced(asked: Asked) -> dict[str, str | int | float]:
    """What the span says of an engine."""
    prefix = f"surefoot.engine.{asked.settings.called}"
    found: dict[str, str | int | float] = {f"{prefix}.seconds": asked.seconds}
    if isinstance(asked.said, SurefootError):
        return {**found, f"{prefix}.problem": str(asked.said)}
    return {**found, f"{prefix}.hits": len(asked.said.hits)}


def _all_failed(problems: Sequence[SurefootError]) -> SurefootError:
    """One error for all of them, to be tried again where any of them may work in a moment."""
    said = "; ".join(str(problem) for problem in problems)
    if all(isinstance(problem, ConfigError) for problem in problems):
        return ConfigError(f"no engine can be asked: {said}", where="federate")
    return TransientError(f"nothing could be searched: {said}", where="federate")


def _words(problem: SurefootError, name: str) -> str:
    """The problem without the engine's name before it."""
    return str(problem).removeprefix(f"{name}: ")
