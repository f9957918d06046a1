"""Ranks hits so that each says something new: maximal marginal relevance over the vectors of the index.

After Carbonell and Goldstein (1998). Relevance is the score of the stage before, likeness the cosine; both are put on
a scale from 0 to 1 among these hits, because encoders differ in how far apart they place texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import PartSettings
from surefoot.core.errors import MissingError
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Hit, Note, Turn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class DiversifySettings(PartSettings):
    """Ranks the hits by relevance and by how new each is beside the better ones (MMR)."""

    kind: Literal["diversify"] = "diversify"
    relevance: float = Field(
        default=0.9,
        ge=0,
        le=1,
        description="share of relevance, lambda; the rest is novelty. 1 = nothing changes",
    )
    keep: PositiveInt | None = Field(
        default=None, description="hits that go on to the next stage; null = all"
    )


class Diversify:
    """The best hit stays first; then always the one with the best of relevance less likeness to those chosen."""

    Settings = DiversifySettings
    takes: ClassVar[Takes] = "hits"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: DiversifySettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with its hits ranked anew; signals: `mmr`, and `likeness`, the cosine to the likest one before."""
        wanted = self._settings.keep
        if call.limit is not None and wanted is not None:
            wanted = max(wanted, call.limit)
        if len(turn.hits) < 2:
            return turn
        ranked = self._ranked(turn.hits)
        kept, dropped = ranked[:wanted], ranked[wanted:] if wanted else []
        notes = turn.notes
        if dropped:
            names = ", ".join(hit.chunk.id for hit in dropped)
            notes = (*notes, Note("diversify", f"left out {len(dropped)} hits, least new: {names}"))
        return replace(turn, hits=tuple(kept), notes=notes)

    def _ranked(self, hits: Sequence[Hit]) -> list[Hit]:
        import numpy as np

        cosines = self._cosines(hits)
        likeness = _scaled(cosines)
        relevance = _spread(np.array([hit.score for hit in hits], np.float64))
        share = self._settings.relevance
        chosen: list[Hit] = []
        open_places = list(range(len(hits)))
        nearest = np.zeros(len(hits))
        seen = np.zeros(len(hits))
        while open_places:
            gains = share * relevance - (1 - share) * nearest
            best = max(open_places, key=lambda place: gains[place])
            signals = {"mmr": float(gains[best]), "likeness": float(seen[best])}
            hit = hits[best]
            chosen.append(
                replace(
                    hit, score=signals["mmr"], by="diversify", signals={**hit.signals, **signals}
                )
            )
            open_places.remove(best)
            nearest = np.maximum(nearest, likeness[best])
            seen = np.maximum(seen, cosines[best])
        return chosen

    def _cosines(self, hits: Sequence[Hit]) -> Floats:
        """The cosines between the hits (n x n); hits that are no chunks of the index, such as parents, are embedded."""
        import numpy as np

        try:
            vectors = self._parts.index().vectors([hit.chunk.id for hit in hits])
        except MissingError:
            vectors = self._parts.encoder().embed_passages([hit.chunk.text for hit in hits])
        cosines: Floats = (vectors @ vectors.T).astype(np.float64)
        return cosines


def _scaled(cosines: Floats) -> Floats:
    """0 for the pair that is least alike, 1 for equal vectors."""
    low = float(cosines.min())
    return (cosines - low) / (1 - low) if low < 1 - 1e-6 else cosines * 0


def _spread(scores: Floats) -> Floats:
    """0 for the worst score, 1 for the best; all 1 where they are equal."""
    low, high = float(scores.min()), float(scores.max())
    return (scores - low) / (high - low) if high > low else scores * 0 + 1
