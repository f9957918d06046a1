"""Guesses passages that might answer, and searches for what is near them: answers are like answers.

Hypothetical document embeddings (Gao et al. 2022, arXiv:2212.10496). The guesses are only embedded, never shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt

from surefoot.config.base import PromptName
from surefoot.core.lang import detect, sentence_spans
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Lang, Turn
from surefoot.models.asking import Heard
from surefoot.retrieve.rewrite.settings import RewriteSettings
from surefoot.retrieve.rewrite.writer import (
    QUESTION_CHARS,
    Writer,
    language,
    noted,
)

_SHORTEST = {"zh": 8, "en": 20}
"""Characters below which a guess says too little."""


class HydeSettings(RewriteSettings):
    """Passages that might answer, written by a chat model; the vector search looks for what is near them."""

    kind: Literal["hyde"] = "hyde"
    prompt: PromptName = "question/hyde"
    max_tokens: PositiveInt = 120
    guesses: PositiveInt = Field(default=1, le=8, description="passages that are written")
    temperature: NonNegativeFloat = Field(
        default=0.7,
        description="of all but the first, which is the likeliest; each has its own seed",
    )


class Hyde:
    """Adds guesses in the language of the question; the weight they have is the search's `guesses`."""

    Settings = HydeSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "query"

    def __init__(self, settings: HydeSettings, parts: Parts) -> None:
        self._settings = settings
        self._writer = Writer(settings, settings.prompt, parts)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with the guesses; as it was, with a note, where the model gives none."""
        lang = language(turn.query)
        values = {"question": " ".join(turn.query.asked[:QUESTION_CHARS].split())}
        guesses: list[str] = []
        notes: list[str] = []
        for number in range(self._settings.guesses):
            seeded = replace(call, seed=call.seed + number)
            temperature = self._settings.temperature if number else 0.0
            heard = self._writer.write(values, lang, seeded, temperature=temperature)
            guess, problem = _guess(heard, lang)
            if guess:
                guesses.append(guess)
            else:
                notes.append(f"no guess: {problem}")
            if heard.again:
                break  # out of reach or out of time: the next one would be, too
        query = replace(turn.query, guesses=tuple(dict.fromkeys((*turn.query.guesses, *guesses))))
        return noted(replace(turn, query=query), "hyde", *notes)


def _guess(heard: Heard, lang: Lang) -> tuple[str, str]:
    """The passage of a reply, each sentence once and none that was cut; or why there is none."""
    if heard.problem:
        return "", heard.problem
    said = " ".join(heard.text.split())
    sentences = list(dict.fromkeys(said[start:end] for start, end in sentence_spans(said)))
    if heard.cut and len(sentences) > 1:
        del sentences[-1]
    text = ("" if lang == "zh" else " ").join(sentences)
    if len(text) < _SHORTEST.get(lang, _SHORTEST["en"]):
        return "", "the model's reply says too little"
    if lang != "other" and detect(text) != lang:
        return "", "the model's reply is in another language"
    return text, ""
