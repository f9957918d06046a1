"""Narrows the search by filters that the question implies. A filter that the user gave is never widened."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field, PositiveInt

from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Note, Turn
from surefoot.retrieve.filters.inference import Inference, InferenceSettings
from surefoot.retrieve.filters.narrow import in_words, narrowed

_STAGE = "infer-filters"


class InferFiltersSettings(InferenceSettings):
    """Filters by what the question says: metadata values, years, quarters, dates, "latest", language; no model."""

    kind: Literal["infer-filters"] = "infer-filters"
    least: PositiveInt = Field(
        default=1, description="passages that must be left; with fewer, constraints are given up"
    )


class InferFilters:
    """Narrows the turn's filter by what the question names; each inference and each step back is a note."""

    Settings = InferFiltersSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "query"

    def __init__(self, settings: InferFiltersSettings, parts: Parts) -> None:
        self._least = settings.least
        self._inference = Inference(settings, parts)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with the inferred filter joined to its own by AND, relaxed until passages are left."""
        asked = self._inference.read(turn.query, call)
        constraints = asked.constraints(strict=True)
        found = narrowed(turn.query.filter, constraints, asked.count, self._least)
        if found.inferred is not None:
            asked.say(f"only passages with {in_words(found.inferred)}")
        notes = tuple(Note(_STAGE, message) for message in (*asked.said, *found.steps))
        query = replace(turn.query, filter=found.filter)
        return replace(turn, query=query, notes=(*turn.notes, *notes))
