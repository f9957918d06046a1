"""Asks in other words too: a chat model says the question in several ways, and the lists are fused.

After RAG-Fusion (Rackauckas 2024, arXiv:2402.03367) and query expansion by language models (Jagerman et al. 2023).
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import PromptName
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Turn
from surefoot.retrieve.rewrite.settings import RewriteSettings
from surefoot.retrieve.rewrite.wordings import wordings
from surefoot.retrieve.rewrite.writer import (
    QUESTION_CHARS,
    Writer,
    language,
    noted,
)


class MultiQuerySettings(RewriteSettings):
    """Other wordings of the question by a chat model, searched beside it."""

    kind: Literal["multi-query"] = "multi-query"
    prompt: PromptName = "question/multi-query"
    max_tokens: PositiveInt = 120
    wordings: PositiveInt = Field(default=3, le=10, description="other wordings at most")


class MultiQuery:
    """Adds variants in the language of the question that name nothing that it does not."""

    Settings = MultiQuerySettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "query"

    def __init__(self, settings: MultiQuerySettings, parts: Parts) -> None:
        self._settings = settings
        self._rewording = Rewording(settings, settings.prompt, parts)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with the variants; as it was, with a note, where the model gives none."""
        return self._rewording(turn, call, "multi-query", self._settings.wordings)


class Rewording:
    """Adds what a prompt has a model say of the question as variants."""

    def __init__(self, settings: RewriteSettings, prompt: str, parts: Parts) -> None:
        self._writer = Writer(settings, prompt, parts)

    def __call__(self, turn: Turn, call: Call, stage: str, most: int) -> Turn:
        """The turn with `most` variants at most; notes name the stage."""
        query, lang = turn.query, language(turn.query)
        question = " ".join(query.asked[:QUESTION_CHARS].split())
        heard = self._writer.write({"question": question, "count": str(most)}, lang, call)
        if heard.problem:
            return noted(turn, stage, f"no other wording: {heard.problem}")
        told = wordings(heard, question, lang=lang, limit=most)
        if not told.texts:
            return noted(turn, stage, *told.notes, "the model's reply has no other wording to use")
        added = [text for text in told.texts if text not in query.variants]
        query = replace(query, variants=(*query.variants, *added))
        return noted(replace(turn, query=query), stage, *told.notes)
