"""Asks in the languages of the documents too: a chat model translates the question, and both are searched."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Final, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import PromptName
from surefoot.core.lang import detect, is_han
from surefoot.core.roles import Call, Parts, Produces, Scope, Takes
from surefoot.core.types import Query, Turn
from surefoot.retrieve.rewrite.settings import RewriteSettings
from surefoot.retrieve.rewrite.wordings import lines, same
from surefoot.retrieve.rewrite.writer import QUESTION_CHARS, Writer, language, noted

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LONGEST, _TIMES = 120, 6
"""English takes some three to four times the characters of Chinese."""


class TranslateSettings(RewriteSettings):
    """The question in the languages of the documents that it is not asked in, by a chat model; searched beside it."""

    kind: Literal["translate"] = "translate"
    prompt: PromptName = Field(
        default="question/translate",
        description="its en.md asks for English, its zh.md for Chinese",
    )
    max_tokens: PositiveInt = 100
    to: tuple[Language, ...] = Field(
        default=(), description="languages of the documents; none = as the index counts them"
    )
    least: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="share of the documents from which a language counts, where the index counts them",
    )


class Translate:
    """Adds a variant a language; a note says what was translated into what."""

    Settings = TranslateSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "query"

    def __init__(self, settings: TranslateSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._writer = Writer(settings, settings.prompt, parts)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with the translations; as it was where the documents are in the language of the question."""
        asked = language(turn.query)
        for wanted in self._settings.to or self._languages(turn.query):
            if wanted != asked:
                turn = self._translated(turn, wanted, call)
        return turn

    def _translated(self, turn: Turn, wanted: Language, call: Call) -> Turn:
        query = turn.query
        question = " ".join(query.asked[:QUESTION_CHARS].split())
        heard = self._writer.write({"question": question}, wanted, call)
        if heard.problem:
            return noted(turn, "translate", f"not searched in {wanted}: {heard.problem}")
        found = lines(heard.text)
        text = found[0] if found else ""
        if problem := _no_translation(text, question, wanted):
            return noted(
                turn, "translate", f"not searched in {wanted}: the model's reply {problem}"
            )
        if text in query.variants:
            return turn
        query = replace(query, variants=(*query.variants, text))
        return noted(replace(turn, query=query), "translate", f"also searched in {wanted}: {text}")

    def _languages(self, query: Query) -> list[Language]:
        """The languages that enough of the documents are in that may be read; the index counts them once a version."""
        counts = self._parts.index().values("lang", scope=Scope(asker=query.asker))
        held = {str(one.value): one.documents for one in counts}
        few = self._settings.least * sum(held.values())
        return [name for name in LANGUAGES if held.get(name, 0) > few]


def _no_translation(text: str, question: str, wanted: Language) -> str:
    """What speaks against a text being the question in another language; empty where nothing does."""
    if not text:
        return "says nothing"
    if detect(text) != wanted:
        return f"is not in {wanted}"
    if wanted == "en" and any(map(is_han, text)):
        return "is only translated in part"
    if len(text) > max(_LONGEST, _TIMES * len(question)):
        return "is too long for a question"
    if same(text, question):
        return "is the question as it was"
    added = set(_numbers(text)) - set(_numbers(question))
    return f"names numbers that nobody said ({', '.join(sorted(added))})" if added else ""


def _numbers(text: str) -> Sequence[str]:
    plain = unicodedata.normalize("NFKC", text)
    return [found.replace(",", "") for found in _NUMBER.findall(plain)]
