"""Finds chunks by keyword and by vector and fuses the lists. Knows the index and the encoder, no model besides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from surefoot.config.base import Added, PartSettings
from surefoot.core.roles import Call, Parts, Produces, Scope, Takes, frequencies_for
from surefoot.core.types import Asker, Hit, Note, Query, Turn
from surefoot.retrieve.coverage import coverages, sight
from surefoot.retrieve.found import (
    Aim,
    Found,
    Side,
    by_keyword,
    by_vector,
    explained,
    left_out,
    with_exact_cosines,
)
from surefoot.retrieve.fuse import Fusion, Ranked, best_first, fuse
from surefoot.retrieve.views import ViewSearch, viewed, with_views


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
    guard: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="share of the question's terms, weighted by rarity, that the index must know for the keyword "
        "search to count in full; below it counts in proportion; 0 = always in full",
    )
    exact: bool = Field(
        default=False,
        description="chunks that only the keyword search found get their real cosine instead of nothing",
    )
    variants: float = Field(
        default=0.5,
        ge=0,
        description="what all variants of a question weigh together; the question itself weighs 1",
    )
    guesses: Annotated[float, Added()] = Field(
        default=1.0,
        ge=0,
        description="what all guessed passages weigh together in the vector search; the question itself weighs 1",
    )
    views: Mapping[str, PositiveFloat] = Field(
        default_factory=dict,
        description="share of other views in the vector score, by name; the passage itself has the rest",
    )
    view_gain: Mapping[str, PositiveFloat] = Field(
        default_factory=dict,
        description="what the vector search takes of the keyword search's share where all its hits have this view, "
        "by name; where some have, in proportion",
    )
    per_document: PositiveInt | None = Field(
        default=None, description="hits of one document at most; null = no limit"
    )

    @model_validator(mode="after")
    def _one_side_at_least(self) -> Self:
        if not self.keyword and not self.vector:
            raise ValueError("keyword and vector cannot both be 0")
        if sum(self.views.values()) > 1:
            raise ValueError("the shares of views cannot be more than 1 together")
        if sum(self.view_gain.values()) > 1 or set(self.view_gain) - set(self.views):
            raise ValueError("view_gain is 1 at most together, and for views that have a share")
        return self


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
        return self.look_for(self.aims(turn.query), turn, call)

    def under(self, settings: SearchSettings) -> Search:
        """The same search under other settings."""
        return Search(settings, self._parts)

    def aims(self, query: Query) -> list[Aim]:
        """The question, and its variants and guesses at the weight that each sort has together."""
        variants = [text for text in dict.fromkeys(query.variants) if text != query.asked]
        guesses = list(dict.fromkeys(query.guesses))
        weight, guessed = self._settings.variants, self._settings.guesses
        return [
            Aim(query.asked),
            *(Aim(text, weight / len(variants)) for text in variants if weight),
            *(
                Aim(text, guessed / len(guesses), name="guess_", how="guess")
                for text in guesses
                if guessed
            ),
        ]

    def look_for(self, aims: Sequence[Aim], turn: Turn, call: Call) -> Turn:
        """The turn with the best chunks for all aims in the place of its hits."""
        wanted = max(call.limit or 0, self._settings.keep)  # stages after it may choose among them
        found, seen = self.lists(aims, turn.query, wanted)
        problems = [one.problem for one in found if one.problem is not None]
        if problems and len(problems) == len(found):
            raise problems[0]
        lists = [one for one in found if one.hits]
        signals = {"coverage": seen[0]} if seen else {}
        hits = tuple(
            explained(replace(hit, signals=signals), found)
            for hit in self._best(lists, seen, wanted)
        )
        notes = (
            *left_out(found),
            *self._blind(lists, seen),
        )
        return replace(turn, hits=hits, notes=(*turn.notes, *notes))

    def lists(
        self, aims: Sequence[Aim], query: Query, wanted: int
    ) -> tuple[list[Found], list[float]]:
        """What each side found for each aim, and how far the index knows the terms of each keyword list with hits."""
        found = self._find(aims, Scope(filter=query.filter, asker=query.asker), wanted)
        return found, self._coverages([one for one in found if one.hits], query.asker)

    def _find(self, aims: Sequence[Aim], scope: Scope, wanted: int) -> list[Found]:
        settings, found = self._settings, []
        if settings.keyword:
            limit = max(settings.keyword, wanted)
            found += by_keyword(aims, self._parts.index(), limit=limit, scope=scope)
        if settings.vector:
            limit = max(settings.vector, wanted)
            found += by_vector(aims, self._parts, limit=limit, scope=scope)
            if settings.views:
                search = ViewSearch(self._parts.index(), settings.views, limit, scope)
                return with_views(found, search, exact=settings.exact)
        return with_exact_cosines(found, self._parts.index()) if settings.exact else found

    def _coverages(self, lists: Sequence[Found], asker: Asker) -> list[float]:
        """How far the index knows the terms of each keyword list, in their order; empty where nothing is guarded."""
        if not self._settings.guard or len({one.side for one in lists}) < 2:
            return []
        texts = [one.aim.text for one in lists if one.side == "keyword"]
        return coverages(texts, frequencies_for(self._parts.index(), asker))

    def _blind(self, lists: Sequence[Found], seen: Sequence[float]) -> Iterator[Note]:
        for one, coverage in zip(lists, seen, strict=False):
            if coverage < self._settings.guard:
                counts = sight(coverage, self._settings.guard)
                yield Note(
                    "search",
                    f"keywords count {counts:.0%}: the documents know {coverage:.0%} of the terms of "
                    f"{one.aim.text!r}, by rarity",
                    steady=True,
                )

    def _best(self, lists: Sequence[Found], seen: Sequence[float], wanted: int) -> Iterator[Hit]:
        """Hits by falling fused score, at most `per_document` of one document."""
        parts = shares([Weighed.of(one) for one in lists], seen, self._settings)
        ranked = (_ranked(one, share) for one, share in zip(lists, parts, strict=True))
        fused = fuse(ranked, self._settings.fusion)
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


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a list's share depends on: its side, its aim's weight, and the part of it that has each other view."""

    side: Side
    weight: float
    viewed: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Found) -> Weighed:
        """What is needed of a list."""
        return cls(found.side, found.aim.weight, viewed(found.signals.values()))


def shares(
    lists: Sequence[Weighed], seen: Sequence[float], settings: SearchSettings
) -> list[float]:
    """What each list counts in the fused score, 1 in all, from its side and its aim's weight.

    `seen` has the coverage of each keyword list, which come first; a keyword list counts less where it is blind.
    """
    gains = settings.view_gain.items()
    gained = sum(
        gain * max((one.viewed.get(view, 0.0) for one in lists), default=0.0)
        for view, gain in gains
    )
    vector = settings.weight + (1 - settings.weight) * gained
    side = {"vector": vector, "keyword": 1 - vector}
    weights = [side[one.side] * one.weight for one in lists]
    for place, coverage in enumerate(seen):
        weights[place] *= sight(coverage, settings.guard)
    whole = sum(weights)
    return [weight / whole if whole else 1.0 for weight in weights]


def _ranked(found: Found, share: float) -> Ranked:
    scores = {hit.chunk.id: hit.score for hit in found.hits}
    return Ranked(scores, share, dict(found.others))
