"""Finds chunks by keyword and by vector and fuses both lists. Knows the index and the encoder, no model besides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from surefoot.config.base import PartSettings
from surefoot.core.errors import TransientError
from surefoot.core.roles import Call, Parts, Produces, Scope, Takes
from surefoot.core.types import Hit, Note, Turn
from surefoot.retrieve.fuse import Fusion, Ranked, best_first, fuse

Side = Literal["keyword", "vector"]
_SIGNAL: Mapping[Side, str] = {"keyword": "bm25", "vector": "cosine"}


class SearchSettings(PartSettings):
    """Keyword and vector search, fused. The defaults were chosen by measurement: docs/benchmarks/retrieval.md."""

    kind: Literal["search"] = "search"
    keyword: NonNegativeInt = Field(
        default=30, description="chunks that the keyword search contributes; 0 = no keyword search"
    )
    vector: NonNegativeInt = Field(
        default=30, description="chunks that the vector search contributes; 0 = no vector search"
    )
    keep: PositiveInt = Field(default=10, description="hits that go on to the next stage")
    fusion: Fusion = Field(
        default="minmax",
        description="how two lists become one: minmax and zscore add scaled scores, rrf adds reciprocal ranks",
    )
    weight: float = Field(
        default=0.6, ge=0, le=1, description="share of the vector search in the fused score"
    )
    per_document: PositiveInt | None = Field(
        default=None, description="hits of one document at most; null = no limit"
    )

    @model_validator(mode="after")
    def _one_side_at_least(self) -> Self:
        if not self.keyword and not self.vector:
            raise ValueError("keyword and vector cannot both be 0")
        return self


@dataclass(frozen=True)
class _Found:
    """What one side found for one text, best first; or why it could not search."""

    side: Side
    hits: tuple[Hit, ...] = ()
    problem: TransientError | None = None

    @cached_property
    def places(self) -> dict[str, tuple[float, int]]:
        """Chunk id to raw score and rank, from 1."""
        return {hit.chunk.id: (hit.score, rank) for rank, hit in enumerate(self.hits, start=1)}


class Search:
    """Puts the best chunks of both searches into the turn, for the question and its variants."""

    Settings = SearchSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: SearchSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with new hits; a side that fails for now is left out with a note.

        Raises:
            TransientError: neither side could search.
        """
        wanted = call.limit or self._settings.keep
        found = self._find(turn, wanted)
        problems = [one.problem for one in found if one.problem is not None]
        if len(problems) == len(found):
            raise problems[0]
        hits = tuple(_explained(hit, found) for hit in self._best(found, wanted))
        return replace(turn, hits=hits, notes=(*turn.notes, *_notes(found)))

    def _find(self, turn: Turn, wanted: int) -> list[_Found]:
        scope = Scope(filter=turn.query.filter, asker=turn.query.asker)
        texts = list(dict.fromkeys((turn.query.text, *turn.query.variants)))
        settings, found = self._settings, []
        if settings.keyword:
            limit = max(settings.keyword, wanted)
            found += _tried("keyword", lambda: self._by_keyword(texts, limit, scope))
        if settings.vector:
            limit = max(settings.vector, wanted)
            found += _tried("vector", lambda: self._by_vector(texts, limit, scope))
        return found

    def _by_keyword(self, texts: Sequence[str], limit: int, scope: Scope) -> list[list[Hit]]:
        index = self._parts.index()
        return [index.keyword(text, limit=limit, scope=scope) for text in texts]

    def _by_vector(self, texts: Sequence[str], limit: int, scope: Scope) -> list[list[Hit]]:
        vectors = self._parts.encoder().embed_queries(texts)
        index = self._parts.index()
        return [index.vector(vector, limit=limit, scope=scope) for vector in vectors]

    def _best(self, found: Sequence[_Found], wanted: int) -> Iterator[Hit]:
        """Hits by falling fused score; both sides count as weighted, however many texts were searched."""
        lists = [one for one in found if one.problem is None]
        share = {"vector": self._settings.weight, "keyword": 1 - self._settings.weight}
        alone = len({one.side for one in lists}) == 1
        fused = fuse(
            (
                Ranked(
                    {hit.chunk.id: hit.score for hit in one.hits}, 1 if alone else share[one.side]
                )
                for one in lists
            ),
            self._settings.fusion,
        )
        chunks = {hit.chunk.id: hit.chunk for one in lists for hit in one.hits}
        taken: Counter[str] = Counter()
        for name in best_first(fused):
            chunk = chunks[name]
            if taken[chunk.document_id] == self._settings.per_document:
                continue
            taken[chunk.document_id] += 1
            yield Hit(chunk, fused[name], "search")
            if taken.total() == wanted:
                return


def _tried(side: Side, search: Callable[[], list[list[Hit]]]) -> list[_Found]:
    try:
        return [_Found(side, tuple(hits)) for hits in search()]
    except TransientError as problem:
        return [_Found(side, problem=problem)]


def _notes(found: Iterable[_Found]) -> Iterator[Note]:
    for one in found:
        if one.problem is not None:
            yield Note("search", f"the {one.side} search was left out: {one.problem}")


def _explained(hit: Hit, found: Iterable[_Found]) -> Hit:
    """The hit with the raw score and rank (from 1) of each side that found it, the best over the texts searched."""
    signals: dict[str, float] = {}
    for one in found:
        score, rank = one.places.get(hit.chunk.id, (0.0, 0))
        if rank:
            name, place = _SIGNAL[one.side], f"{one.side}_rank"
            signals[name] = max(score, signals.get(name, score))
            signals[place] = min(float(rank), signals.get(place, float(rank)))
    return replace(hit, signals=signals)
