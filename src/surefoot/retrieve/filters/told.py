"""Asks a chat model which of the known metadata values a question means. What it may say is a closed list.

Each value must come with words of the question that mean it; what is not so is left out, and said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from surefoot.core.harmless import harmless
from surefoot.core.lang import content_terms, fold
from surefoot.core.roles import Call, Parts, Sampling
from surefoot.core.types import Query
from surefoot.models.asking import conversation, hear_as
from surefoot.retrieve.asking import prompt_lang, question
from surefoot.retrieve.filters.mentions import Held, is_denied

_SAMPLING: Final = Sampling(max_tokens=160)
_VALUE_CHARS = 60
_MOST = 4


@dataclass(frozen=True, slots=True)
class Meant:
    """Values with the words of the question that mean them, and what is to be noted."""

    values: Mapping[Held, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class FilterReader:
    """Asks one model by one prompt."""

    def __init__(self, model: str, prompt: str, parts: Parts) -> None:
        self._model = model
        self._prompt = prompt
        self._parts = parts

    def read(self, query: Query, offered: Mapping[str, list[Any]], call: Call) -> Meant:
        """What the question means of these values by key; nothing, with a note, where the model fails."""
        named = {_label(key, value): (key, value) for key in offered for value in offered[key]}
        if not named:
            return Meant()
        asked = question(query)
        prompt = self._parts.prompt(self._prompt, prompt_lang(query))
        messages = conversation(prompt, {"filters": "\n".join(named), "question": asked})
        form, heard = hear_as(
            _form(list(named)), self._parts.chat(self._model), messages, _SAMPLING, call
        )
        if form is None:
            return Meant(notes=(f"the model was asked for filters in vain: {heard.problem}",))
        return _grounded(form.model_dump()["filters"], named, asked)


def _grounded(told: list[dict[str, str]], named: Mapping[str, Held], asked: str) -> Meant:
    """What of a reply has its words in the question."""
    values: dict[Held, str] = {}
    notes: list[str] = []
    for one in told[:_MOST]:
        said, label = " ".join(one["said"].split()), one["chosen"]
        before, found, _ = fold(asked).partition(fold(said))
        if not found or not content_terms(said):
            notes.append(f"the model's {label} is left out: the question does not say {said!r}")
        elif is_denied(before):
            notes.append(f"the model's {label} is left out: the question excludes {said!r}")
        else:
            values[named[label]] = said
            notes.append(f"the model takes {said!r} for {label}")
    return Meant(values, tuple(notes))


def _label(key: str, value: Any) -> str:
    """A value as the model is shown it."""
    return " ".join(harmless(f"{key} = {value}").split())[: len(key) + _VALUE_CHARS]


def _form(labels: list[str]) -> type[BaseModel]:
    """The closed form of a reply."""
    options: Any = Literal[tuple(labels)]
    closed = ConfigDict(extra="forbid")
    one: Any = create_model(
        "Said",
        __config__=closed,
        said=(str, Field(max_length=120)),
        chosen=(options, Field(alias="is")),
    )
    return create_model("Filters", __config__=closed, filters=(list[one], Field(max_length=_MOST)))
