"""Lets a chat model choose among described ways. A reply that is none of their names chooses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, create_model

from surefoot.core.harmless import harmless
from surefoot.core.roles import Call, Parts, Sampling
from surefoot.core.types import Query
from surefoot.models.asking import conversation, hear_as
from surefoot.retrieve.asking import prompt_lang, question

NONE: Final = "none of these"
_SAMPLING: Final = Sampling(max_tokens=64)
_DESCRIPTION_CHARS = 400


class Chooser:
    """Asks one model by one prompt."""

    def __init__(self, model: str, prompt: str, parts: Parts) -> None:
        self._model = model
        self._prompt = prompt
        self._parts = parts

    def choose(self, query: Query, ways: Mapping[str, str], call: Call) -> tuple[str, str]:
        """The name of a way, or nothing, and why; a model that fails chooses nothing.

        `ways` are descriptions by name.
        """
        told = "\n".join(
            f"- {name}: {_line(description)}" for name, description in {**ways, NONE: "-"}.items()
        )
        prompt = self._parts.prompt(self._prompt, prompt_lang(query))
        messages = conversation(prompt, {"ways": told, "question": question(query)})
        model = self._parts.chat(self._model)
        reply, heard = hear_as(_form([*ways, NONE]), model, messages, _SAMPLING, call)
        if reply is None:
            return "", f"the model was asked and chose nothing: {heard.problem}"
        chosen = str(reply.model_dump()["way"])
        if chosen == NONE:
            return "", "the model finds that none of the ways fits"
        return chosen, "the model chose it by its description"


def _form(names: list[str]) -> type[BaseModel]:
    """The closed form of a reply: one of these names."""
    options: Any = Literal[tuple(names)]
    return create_model("Choice", __config__=ConfigDict(extra="forbid"), way=(options, ...))


def _line(text: str) -> str:
    return " ".join(harmless(text[:_DESCRIPTION_CHARS]).split())
