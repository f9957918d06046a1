"""Keeps the hits that fit a budget of tokens together, best first. What it drops, it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import Names, PartSettings
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Hit, Note, Turn


class BudgetSettings(PartSettings):
    """Keeps hits while they fit a number of tokens together."""

    kind: Literal["budget"] = "budget"
    tokens: PositiveInt = Field(
        default=3000, description="of title, headings and text of all hits together"
    )
    model: Annotated[str | None, Names("model")] = Field(
        default=None,
        description="the chat model whose tokens count, named as in stage answer; null = the encoder's tokens",
    )


class Budget:
    """A hit that does not fit is dropped and later, smaller ones may still fit; the best hit always stays."""

    Settings = BudgetSettings
    takes: ClassVar[Takes] = "hits"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: BudgetSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with the hits that fit, each with the signal `tokens`.

        Raises:
            MissingError: the chat model is not there.
        """
        del call
        left = self._settings.tokens
        kept: list[Hit] = []
        dropped: list[str] = []
        for hit, tokens in zip(turn.hits, self._counts(turn.hits), strict=True):
            if tokens > left and kept:
                dropped.append(f"{hit.chunk.id} ({tokens})")
                continue
            left -= tokens
            kept.append(replace(hit, signals={**hit.signals, "tokens": float(tokens)}))
        notes = list(turn.notes)
        limit = self._settings.tokens
        if left < 0:
            notes.append(Note("budget", f"the best hit alone is {limit - left} tokens of {limit}"))
        if dropped:
            notes.append(
                Note("budget", f"over {limit} tokens together, left out: {', '.join(dropped)}")
            )
        return replace(turn, hits=tuple(kept), notes=tuple(notes))

    def _counts(self, hits: Sequence[Hit]) -> list[int]:
        texts = [_shown(hit) for hit in hits]
        if not texts:
            return []
        if self._settings.model is None:
            return self._parts.encoder().count_tokens(texts)
        model = self._parts.chat(self._settings.model)
        return [model.count_tokens(text) for text in texts]


def _shown(hit: Hit) -> str:
    """A hit as a prompt shows it."""
    path = " > ".join(part for part in (hit.chunk.title, *hit.chunk.headings) if part)
    return f"{path}\n{hit.chunk.text}" if path else hit.chunk.text
