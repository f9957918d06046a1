"""Puts a prompt about a question to a chat model and hears what it says. Judges nothing of what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from surefoot.core.errors import ConfigError
from surefoot.core.harmless import harmless
from surefoot.core.lang import detect
from surefoot.core.roles import Call, Parts, Sampling
from surefoot.core.trace import annotate
from surefoot.core.types import Lang, Note, Query, Turn
from surefoot.models.asking import Heard, conversation, hear
from surefoot.retrieve.rewrite.settings import RewriteSettings

QUESTION_CHARS = 2000
"""Of a question, so many characters are shown to the model."""


class Writer:
    """Asks one model by one prompt; what comes from outside cannot frame the conversation."""

    def __init__(self, settings: RewriteSettings, prompt: str, parts: Parts) -> None:
        self._settings = settings
        self._prompt = prompt
        self._parts = parts

    def write(
        self, values: Mapping[str, str], lang: Lang, call: Call, *, temperature: float = 0.0
    ) -> Heard:
        """The reply to the prompt in a language; a model that fails or is too slow gives a problem.

        Raises:
            ConfigError: the prompt has no place for the question, or the model's endpoint refuses.
        """
        prompt = self._parts.prompt(self._prompt, lang)
        if "question" not in prompt.placeholders:
            raise ConfigError(
                "has no place for the question",
                where=f"prompt {prompt.name}/{prompt.lang}",
                hint="write {{question}} where it is to stand",
            )
        told = {key: harmless(value) for key, value in values.items() if key in prompt.placeholders}
        annotate({"llm.model_name": self._settings.model})
        sampling = Sampling(self._settings.max_tokens, temperature, call.seed)
        model = self._parts.chat(self._settings.model)
        end = call.clock() + self._settings.timeout_s
        timed = (
            call
            if call.deadline_s is not None and call.deadline_s <= end
            else replace(call, deadline_s=end)
        )
        heard = hear(model, conversation(prompt, told), sampling, timed)
        if timed is not call and heard.again and call.clock() > end:
            problem = f"the model gave no answer within {self._settings.timeout_s:g} s"
            return replace(heard, problem=problem)
        if not heard.problem and not heard.text:
            return replace(heard, problem="the model's reply says nothing")
        return heard


def language(query: Query) -> Lang:
    """The language in which a question is asked."""
    return query.lang if query.lang != "other" else detect(query.asked)


def noted(turn: Turn, stage: str, *notes: str) -> Turn:
    """The turn with these notes of a stage."""
    return replace(turn, notes=(*turn.notes, *(Note(stage, note) for note in notes)))
