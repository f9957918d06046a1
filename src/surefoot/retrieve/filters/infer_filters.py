"""Narrows the search by filters that the question implies. A filter that the user gave is never widened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from surefoot.config.base import Added, Incidental, ModelName, PromptName
from surefoot.core.filters import keys_of
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Note, Query, Turn
from surefoot.retrieve.asking import within
from surefoot.retrieve.filters.inference import Asked, Inference, InferenceSettings
from surefoot.retrieve.filters.narrow import Constraint, in_words, narrowed
from surefoot.retrieve.filters.told import FilterReader

_STAGE = "infer-filters"


class InferFiltersSettings(InferenceSettings):
    """Filters by what the question says: metadata values, years, quarters, dates, "latest", language; or by a model."""

    kind: Literal["infer-filters"] = "infer-filters"
    least: PositiveInt = Field(
        default=1, description="passages that must be left; with fewer, constraints are given up"
    )
    model: Annotated[ModelName, Added()] = Field(
        default="",
        description="a chat model that is asked where the rules find nothing; empty = none",
    )
    prompt: Annotated[PromptName, Added()] = Field(
        default="", description="what the model is asked; empty = question/filters"
    )
    always: Annotated[bool, Added()] = Field(
        default=False, description="ask the model too where the rules found something"
    )
    shown_values: Annotated[PositiveInt, Added()] = Field(
        default=50, description="keys with more values are not shown to the model"
    )
    timeout_s: Annotated[PositiveFloat, Incidental()] = Field(
        default=30.0, description="seconds that the model may take"
    )

    @model_validator(mode="before")
    @classmethod
    def _name_the_prompt(cls, raw: Any) -> Any:
        """The prompt counts for what is inferred as soon as a model reads it."""
        if isinstance(raw, Mapping) and raw.get("model") and not raw.get("prompt"):
            return {**raw, "prompt": "question/filters"}
        return raw


class InferFilters:
    """Narrows the turn's filter by what the question names; each inference and each step back is a note."""

    Settings = InferFiltersSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "query"

    def __init__(self, settings: InferFiltersSettings, parts: Parts) -> None:
        self._settings = settings
        self._inference = Inference(settings, parts)
        self._reader = (
            FilterReader(settings.model, settings.prompt, parts) if settings.model else None
        )

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with the inferred filter joined to its own by AND, relaxed until passages are left."""
        asked = self._inference.read(turn.query, call)
        constraints = asked.constraints(strict=True)
        constraints += self._by_model(constraints, turn.query, asked, call)
        found = narrowed(turn.query.filter, constraints, asked.count, self._settings.least)
        if found.inferred is not None:
            asked.say(f"only passages with {in_words(found.inferred)}")
        notes = tuple(Note(_STAGE, message) for message in (*asked.said, *found.steps))
        query = replace(turn.query, filter=found.filter)
        return replace(turn, query=query, notes=(*turn.notes, *notes))

    def _by_model(
        self, known: Sequence[Constraint], query: Query, asked: Asked, call: Call
    ) -> list[Constraint]:
        """What the model adds to what the rules found: nothing under a key that they have."""
        settings = self._settings
        if self._reader is None or (known and not settings.always):
            return []
        taken = {key for one in known for level in one.levels for key in keys_of(level)}
        offered = asked.offered(settings.shown_values)
        free = {key: values for key, values in offered.items() if key not in taken}
        meant = self._reader.read(query, free, within(call, settings.timeout_s))
        for note in meant.notes:
            asked.say(note)
        return asked.meant(meant.values)
