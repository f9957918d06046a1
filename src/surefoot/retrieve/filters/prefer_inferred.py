"""Puts first what the question implies, without losing the rest: the soft side of inferred filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field

from surefoot.core.filters import passes
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Chunk, Hit, MetaValue, Note, Turn
from surefoot.retrieve.filters.inference import Inference, InferenceSettings
from surefoot.retrieve.filters.narrow import Constraint, in_words

_STAGE = "prefer-inferred"


class PreferInferredSettings(InferenceSettings):
    """Puts hits with the metadata that the question names first, drops none; instead of infer-filters or after it."""

    kind: Literal["prefer-inferred"] = "prefer-inferred"
    weight: float = Field(
        default=4.0,
        ge=0,
        le=8,
        description="how far fulfilling all lifts a hit, as a multiple of the span of the scores",
    )


class PreferInferred:
    """Adds to each score as it fulfils what the question asks of metadata: values, language, times, the latest.

    A question that sets the latest against older ones keeps them all here, with the latest before them.
    """

    Settings = PreferInferredSettings
    takes: ClassVar[Takes] = "hits"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: PreferInferredSettings, parts: Parts) -> None:
        self._weight = settings.weight
        self._inference = Inference(settings, parts)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with its hits in a new order; the signal `inferred` says how much of it a hit fulfils (0 to 1)."""
        asked = self._inference.read(turn.query, call)
        constraints = asked.constraints(strict=False)
        if not constraints or not turn.hits:
            return turn
        wanted = " and ".join(in_words(constraint.levels[0]) for constraint in constraints)
        notes = [Note(_STAGE, message) for message in (*asked.said, f"first those with {wanted}")]
        hits = self._ordered(turn.hits, constraints)
        return replace(turn, hits=hits, notes=(*turn.notes, *notes))

    def _ordered(self, hits: Sequence[Hit], constraints: Sequence[Constraint]) -> tuple[Hit, ...]:
        low, high = (pick(hit.score for hit in hits) for pick in (min, max))
        lift = self._weight * ((high - low) or 1.0)
        scored = []
        for hit in hits:
            share = _fulfilled(hit.chunk, constraints)
            signals = {**hit.signals, "inferred": share}
            scored.append(replace(hit, score=hit.score + lift * share, signals=signals))
        return tuple(sorted(scored, key=lambda hit: -hit.score))


def _fulfilled(chunk: Chunk, constraints: Sequence[Constraint]) -> float:
    """The share of the constraints that a chunk fulfils; a relaxed level counts half."""
    held: Mapping[str, MetaValue] = {**chunk.meta, "lang": chunk.lang}
    found = 0.0
    for constraint in constraints:
        level = next((i for i, one in enumerate(constraint.levels) if passes(one, held)), None)
        found += 0.0 if level is None else 0.5**level
    return found / len(constraints)
