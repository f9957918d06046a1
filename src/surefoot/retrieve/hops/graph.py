"""Ranks chunks by how they hang together with the question: a walk over who names what.

Personalised PageRank (Page et al. 1999; over passages and entities as in Gutierrez et al. 2024, arXiv:2405.14831),
here without a language model: entities were taken at ingestion by patterns and statistics.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import PartSettings
from surefoot.core.errors import ConfigError
from surefoot.core.lang.entities import entity_key
from surefoot.core.lang.names import names
from surefoot.core.roles import Call, Mention, Parts, Produces, Scope, Takes, mentions_for
from surefoot.core.types import Asker, Hit, Note, Turn
from surefoot.retrieve.fuse import best_first, minmax
from surefoot.retrieve.hops.directory import Directory, Found
from surefoot.retrieve.hops.known import Known
from surefoot.retrieve.hops.network import Network, personalised_pagerank


class GraphSettings(PartSettings):
    """Ranks hits, and what they are joined to by shared names, by a walk over the corpus graph (several hops)."""

    kind: Literal["graph"] = "graph"
    first: PositiveInt = Field(default=10, description="hits from which the walk starts")
    weight: float = Field(default=0.5, ge=0, le=1, description="share of the walk in the score")
    names: float = Field(
        default=0.8, ge=0, le=1, description="share of the walk's starts at what the question names"
    )
    alpha: float = Field(default=0.85, gt=0, lt=1, description="share of steps that go on")
    reach: PositiveInt = Field(default=300, description="chunks that a walk may touch, at most")
    keep: PositiveInt = Field(default=10, description="hits that go on to the next stage")


class Graph:
    """Fuses the hits' own scores with those of a walk that starts at them and at the question's entities.

    Needs `[corpus.graph]`. What the asker may not read is no part of the graph that is walked.
    """

    Settings = GraphSettings
    takes: ClassVar[Takes] = "hits"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: GraphSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._known = Known(_made)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with hits in their new order, and with those that only the walk found.

        A question that names no document stays as it is: from shared names alone a walk strays (measured).

        Raises:
            ConfigError: the index keeps no graph.
        """
        if not turn.hits:
            return turn
        settings = self._settings
        directory, network = self._graph(turn.query.asker)
        titles = directory.find(turn.query.asked)
        if not titles:
            return turn
        keys = [k for k in _named(turn.query.asked, titles) if network.chunks_of(k)]
        own = minmax({hit.chunk.id: hit.score for hit in turn.hits})
        first = {hit.chunk.id: own[hit.chunk.id] for hit in turn.hits[: settings.first]}
        seeds = _seeds(first, keys, settings)
        around = network.around(first, keys, settings.reach)
        scope = Scope(filter=turn.query.filter, asker=turn.query.asker)
        chunks = {
            chunk.id: chunk for chunk in self._parts.index().by_ids(around.chunks, scope=scope)
        }
        walked = minmax(personalised_pagerank(around, set(chunks), seeds, alpha=settings.alpha))
        held = {hit.chunk.id: hit for hit in turn.hits}
        scores = {
            name: (1 - settings.weight) * own.get(name, 0.0)
            + settings.weight * walked.get(name, 0.0)
            for name in {**own, **walked}
        }
        keep = call.limit or settings.keep
        hits = []
        for name in best_first(scores)[:keep]:
            hit = held.get(name) or Hit(chunks[name], 0.0, "graph")
            signals = {**hit.signals, "walk": walked.get(name, 0.0)}
            hits.append(replace(hit, score=scores[name], signals=signals))
        return replace(turn, hits=tuple(hits), notes=(*turn.notes, *_notes(turn.hits, hits)))

    def _graph(self, asker: Asker) -> tuple[Directory, Network]:
        index = self._parts.index()
        directory, network = self._known.of(asker, mentions_for(index, asker))
        if network.empty and asker.is_owner:  # to others it is as if nothing named anything
            raise ConfigError(
                "the index keeps no graph",
                hint="add [corpus.graph] to the solution and run surefoot sync",
            )
        return directory, network


def _made(mentions: Sequence[Mention]) -> tuple[Directory, Network]:
    directory = Directory(mentions)
    return directory, Network(mentions, directory)


def _named(question: str, titles: Iterable[Found]) -> dict[str, None]:
    """The entities that a question names: titles first, then names."""
    found = [entity_key(one.key) for one in titles]
    return dict.fromkeys((*found, *(entity_key(name.text) for name in names(question))))


def _seeds(
    hits: Mapping[str, float], keys: Sequence[str], settings: GraphSettings
) -> dict[str, float]:
    """Where the walk starts, and how often: at the question's entities and at the first hits by their scores."""
    whole = sum(hits.values()) or 1.0
    seeds = {name: (1 - settings.names) * score / whole for name, score in hits.items()}
    return seeds | {key: settings.names / len(keys) for key in keys}


def _notes(before: Sequence[Hit], after: Sequence[Hit]) -> list[Note]:
    known, kept = {hit.chunk.id for hit in before}, {hit.chunk.id for hit in after}
    notes = []
    if added := len(kept - known):
        notes.append(Note("graph", f"{added} hits were found by what they share with others"))
    if dropped := len(known - kept):
        notes.append(Note("graph", f"{dropped} hits fell behind those that are kept"))
    return notes
