"""Puts hits into the order in which they are read. Drops none and scores none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import PartSettings
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Hit, Turn


class ArrangeSettings(PartSettings):
    """Orders the hits for reading: the best at both ends, as in their documents, or by score."""

    kind: Literal["arrange"] = "arrange"
    order: Literal["ends", "document", "score"] = Field(
        default="ends",
        description="ends: the best first, the second best last; document: by document and place; score: best first",
    )
    best: PositiveInt = Field(
        default=8,
        description="hits that are arranged, best first, the rest stays behind; as many as the answer reads",
    )


class Arrange:
    """Models attend least to the middle of what they read, and to text in its own order best."""

    Settings = ArrangeSettings
    takes: ClassVar[Takes] = "hits"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: ArrangeSettings, parts: Parts) -> None:
        del parts
        self._settings = settings

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with the same hits in another order."""
        del call
        if self._settings.order == "score":
            ranked = sorted(turn.hits, key=lambda hit: -hit.score)
            return replace(turn, hits=tuple(ranked))
        best, rest = turn.hits[: self._settings.best], turn.hits[self._settings.best :]
        arranged = _ends(best) if self._settings.order == "ends" else _as_written(best)
        return replace(turn, hits=(*arranged, *rest))


def _ends(hits: Sequence[Hit]) -> list[Hit]:
    """Ranks 1, 3, 5, ... and then ... 6, 4, 2: the worst stand in the middle."""
    return [*hits[::2], *hits[1::2][::-1]]


def _as_written(hits: Sequence[Hit]) -> list[Hit]:
    """The document of the best hit first; within a document the order of its text."""
    places: dict[str, int] = {}
    for hit in hits:
        places.setdefault(hit.chunk.document_id, len(places))
    return sorted(hits, key=lambda h: (places[h.chunk.document_id], h.chunk.start, h.chunk.end))
