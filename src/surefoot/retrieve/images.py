"""Finds pictures by what they show, and fuses them by rank with the hits before. Knows no endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from surefoot.config.base import PartSettings
from surefoot.core.errors import SurefootError
from surefoot.core.roles import Call, Parts, Pictures, Produces, Scope, Takes
from surefoot.core.types import Hit, Note, Turn
from surefoot.retrieve.fuse import Ranked, best_first, fuse


class ImagesSettings(PartSettings):
    """Pictures found by what they show, beside the hits; needs `[corpus.images]`."""

    kind: Literal["images"] = "images"
    limit: PositiveInt = Field(default=5, description="pictures that are found at most")
    keep: PositiveInt = Field(default=10, description="hits that go on to the next stage")
    weight: PositiveFloat = Field(
        default=1.0, description="what a picture's rank counts; a rank before this stage counts 1"
    )
    least: float = Field(
        default=0.0, ge=-1, le=1, description="cosine below which a picture is no hit"
    )


class ImagesStage:
    """Puts the pictures nearest to the question among the hits, by reciprocal rank.

    The signals `images_rank` and `images_cosine` say how near each is. Only what the asker may read and the filter lets
    through is found; the index decides it at the time of the question.
    """

    Settings = ImagesSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: ImagesSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with pictures among its hits; an endpoint that fails is left out with a note."""
        try:
            pictures = self._parts.pictures()
            if pictures is None:
                note = Note(
                    "images", "pictures were not searched: [corpus.images] names no endpoint"
                )
                return replace(turn, notes=(*turn.notes, note))
            found = list(self._found(pictures, turn))
        except SurefootError as problem:
            note = Note("images", f"pictures were not searched: {problem}")
            return replace(turn, notes=(*turn.notes, note))
        return self._fused(turn, found, call) if found else turn

    def _found(self, pictures: Pictures, turn: Turn) -> Iterator[Hit]:
        scope, index = Scope(turn.query.filter, turn.query.asker), self._parts.index()
        taken = 0
        for name, content, cosine in pictures.nearest(turn.query.asked):
            if cosine < self._settings.least or taken == self._settings.limit:
                return
            chunks = index.chunks(name, first=0, last=0, scope=scope)
            if not chunks:
                continue
            document = index.document(name, scope=scope)
            if document is not None and document.digest == content:
                taken += 1
                signals = {"images_rank": float(taken), "images_cosine": cosine}
                yield Hit(chunks[0], cosine, "images", signals)

    def _fused(self, turn: Turn, found: list[Hit], call: Call) -> Turn:
        hits = {hit.chunk.id: hit for hit in found}
        for hit in turn.hits:
            near = hits.get(hit.chunk.id)
            both = {**hit.signals, **(near.signals if near is not None else {})}
            hits[hit.chunk.id] = replace(hit, signals=both)
        own = {hit.chunk.id: -float(rank) for rank, hit in enumerate(turn.hits)}
        shown = {hit.chunk.id: hit.score for hit in found}
        fused = fuse([Ranked(own), Ranked(shown, self._settings.weight)], "rrf")
        wanted = max(self._settings.keep, call.limit or 0)
        best = [replace(hits[name], score=fused[name], by="images") for name in best_first(fused)]
        return replace(turn, hits=tuple(best[:wanted]))
