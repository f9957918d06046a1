"""Asks each search engine of a solution by itself and tells what came back, for whoever sets one up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic

from surefoot.config.base import Settings
from surefoot.core.errors import SurefootError
from surefoot.core.roles import Call, Finds
from surefoot.core.types import Hit, Query
from surefoot.retrieve.engines import EngineSettings
from surefoot.run.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Checked:
    """What an engine answered, in how many seconds; `problem` says why it did not, and what to do."""

    name: str
    kind: str
    seconds: float
    hits: tuple[Hit, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """Which of text, title, address, score and metadata at least one passage has."""
        held = {
            "text": any(hit.chunk.text for hit in self.hits),
            "title": any(hit.chunk.title for hit in self.hits),
            "url": any(hit.chunk.uri for hit in self.hits),
            "score": any(hit.signals for hit in self.hits),
            "meta": any(hit.chunk.meta for hit in self.hits),
        }
        return tuple(name for name, there in held.items() if there)


def check_engines(
    space: Workspace, query: Query, clock: Callable[[], float] = monotonic
) -> Iterator[Checked]:
    """Each engine that the solution's stages name, one after the other, whoever asks."""
    for settings in engines_of(space.solution.stages):
        began = clock()
        found: Finds | SurefootError
        try:
            found = space.resources.engine(settings).find(query, settings.limit, Call(clock=clock))
        except SurefootError as problem:
            found = problem
        seconds = clock() - began
        if isinstance(found, SurefootError):
            yield Checked(settings.called, settings.kind, seconds, problem=str(found))
        else:
            yield Checked(settings.called, settings.kind, seconds, found.hits, found.notes)


def engines_of(stages: Sequence[Settings]) -> Iterator[EngineSettings]:
    """The engines that stages name, those of nested stages included."""
    for settings in stages:
        if isinstance(settings, EngineSettings):
            yield settings
            continue
        for name in type(settings).model_fields:
            value = getattr(settings, name)
            items = value if isinstance(value, tuple) else (value,)
            yield from engines_of([item for item in items if isinstance(item, Settings)])
