"""Puts into messages what a chat model is asked: system, examples, conversation, passages, question. Asks no model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from surefoot.core.errors import ConfigError
from surefoot.core.harmless import harmless
from surefoot.core.roles import Call, ChatModel, Message, Parts
from surefoot.core.types import Chunk, Lang, Query
from surefoot.generate.answer_settings import THOUGHTS, AnswerSettings
from surefoot.generate.asking.choosing import Examples
from surefoot.generate.asking.examples import Example
from surefoot.generate.asking.passages import Shown, show
from surefoot.generate.asking.prompting import conversation, no_answer
from surefoot.generate.asking.thinking import MARKER, OPENER
from surefoot.generate.structured.schema import Schema, read_schema

_FRAME_TOKENS: Final = 64  # what a chat template may add around the messages
_QUESTION: Final = {"en": "Question: {}", "zh": "问题：{}"}
_MEANT: Final = {"en": "{}\n(That is: {})", "zh": "{}\n（意思是：{}）"}
_NO_PASSAGES: Final = Shown((), "", "", ())
_PASSAGES: Final = "passages"


@dataclass(frozen=True, slots=True)
class Asking:
    """What is said to the model, the passages in it, and the sentence by which it is told to decline."""

    messages: tuple[Message, ...]
    declining: str
    shown: Shown = _NO_PASSAGES
    notes: tuple[str, ...] = ()


class Wording:
    """Words questions for one answer stage."""

    def __init__(self, settings: AnswerSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._examples = Examples(settings.examples, parts) if settings.examples else None

    @property
    def shows_passages(self) -> bool:
        """Whether the prompt has a place for passages, and any may be shown."""
        if not self._settings.passages:
            return False
        return _PASSAGES in self._parts.prompt(self._settings.prompt, "en").placeholders

    @cached_property
    def schema(self) -> Schema | None:
        """The JSON Schema that answers must fit, if any.

        Raises:
            MissingError, DataError: its file is not there, or holds none.
        """
        name = self._settings.schema_
        return read_schema(self._parts.file(name)) if name else None

    @property
    def _form(self) -> dict[str, str]:
        return {"schema": self.schema.text} if self.schema is not None else {}

    def declining(self, lang: Lang, *, from_passages: bool) -> str:
        """What the model is told to decline with."""
        return self._settings.refusal or no_answer(lang, from_passages=from_passages)

    def alone(self, query: Query, lang: Lang, model: ChatModel) -> Asking:
        """The question without passages."""
        declining = self.declining(lang, from_passages=False)
        prompt = self._prompt_alone(lang)

        def worded(question: str) -> str:
            filled = _filled(
                prompt, {"question": harmless(question), "refusal": declining, **self._form}
            )
            return filled + self._told_to_think(lang)

        text = worded(_meant(query, lang))
        free = self._free(model, query, lang, text)
        earlier, notes = self._turns(query, worded, (model, lang, declining), free)
        return Asking(self._messages(query, lang, earlier, text), declining, notes=notes)

    def over(
        self, query: Query, lang: Lang, chunks: Sequence[Chunk], model: ChatModel, call: Call
    ) -> Asking:
        """The question with those of the passages that fit; examples take half of the room at most."""
        declining = self.declining(lang, from_passages=True)
        prompt = self._parts.prompt(self._settings.prompt, lang)
        asked = harmless(_meant(query, lang))
        values = {"question": asked, "refusal": declining, **self._form}
        frame = _filled(prompt, {**values, "mark": "", _PASSAGES: ""}) + self._told_to_think(lang)
        free = self._free(model, query, lang, frame)
        bare = _QUESTION.get(lang, _QUESTION["en"])
        earlier, notes = self._turns(
            query, lambda asked: bare.format(harmless(asked)), (model, lang, declining), free // 2
        )
        budget = min(self._settings.context_tokens, free - _tokens(model, earlier))
        best = chunks[: self._settings.passages]
        shown = show(best, max(0, budget), model.count_tokens, seed=str(call.seed))
        text = _filled(prompt, {**values, "mark": shown.mark, _PASSAGES: shown.text})
        messages = self._messages(query, lang, earlier, text + self._told_to_think(lang))
        return Asking(messages, declining, shown, (*notes, *shown.notes))

    def asking(self, name: str, query: Query, lang: Lang, values: Mapping[str, str]) -> Asking:
        """A prompt of its own with the values that it has a place for, question and conversation besides."""
        declining = self.declining(lang, from_passages=True)
        text = self._worded(name, query, lang, values)
        return Asking(self._messages(query, lang, (), text), declining)

    def room(self, name: str, query: Query, lang: Lang, model: ChatModel) -> int:
        """Tokens of the model that passages, findings and the like may take in this prompt together."""
        prompt = self._parts.prompt(name, lang)
        frame = self._worded(name, query, lang, dict.fromkeys(prompt.placeholders, ""))
        free = self._free(model, query, lang, frame)
        return max(0, min(self._settings.context_tokens, free))

    def _worded(self, name: str, query: Query, lang: Lang, values: Mapping[str, str]) -> str:
        declining = self.declining(lang, from_passages=True)
        said = {**values, "question": harmless(_meant(query, lang)), "refusal": declining}
        return _filled(self._parts.prompt(name, lang), said)

    def _prompt_alone(self, lang: Lang) -> Any:
        """The prompt itself where it shows no passages, else the one for questions without."""
        prompt = self._parts.prompt(self._settings.prompt, lang)
        if _PASSAGES not in prompt.placeholders:
            return prompt
        return self._parts.prompt(self._settings.plain, lang)

    def _messages(
        self, query: Query, lang: Lang, earlier: Sequence[Message], text: str
    ) -> tuple[Message, ...]:
        talked = conversation(query, text, history=self._settings.history)
        return (*self._system(lang), *earlier, *talked)

    def _system(self, lang: Lang) -> tuple[Message, ...]:
        if not self._settings.system:
            return ()
        prompt = self._parts.prompt(self._settings.system, lang)
        return (Message("system", prompt.fill({})),)

    def _told_to_think(self, lang: Lang) -> str:
        if not self._settings.thinking:
            return ""
        prompt = self._parts.prompt(self._settings.thoughts or THOUGHTS, lang)
        opener, marker = _marks(lang)
        return "\n\n" + _filled(prompt, {"opener": opener, "marker": marker})

    def _free(self, model: ChatModel, query: Query, lang: Lang, text: str) -> int:
        """Tokens of the model's context beside system, conversation, prompt and reply."""
        said = _tokens(model, self._messages(query, lang, (), text))
        return model.context_tokens - self._settings.max_tokens - said - _FRAME_TOKENS

    def _turns(
        self,
        query: Query,
        worded: Callable[[str], str],
        told: tuple[ChatModel, Lang, str],
        budget: int,
    ) -> tuple[list[Message], tuple[str, ...]]:
        """The examples as earlier turns; those that do not fit are left out, the last come first."""
        if self._examples is None:
            return [], ()
        model, lang, declining = told
        chosen = self._examples.chosen(query.asked)
        kept: list[Message] = []
        many = 0
        for example in reversed(chosen):
            turn = [
                Message(
                    "user",
                    harmless(example.question) if example.whole else worded(example.question),
                ),
                Message("assistant", self._answered(example, lang, declining)),
            ]
            if _tokens(model, [*turn, *kept]) > budget:
                continue
            kept, many = [*turn, *kept], many + 1
        gone = len(chosen) - many
        return kept, (f"left out {gone} of {len(chosen)} examples: no room",) if gone else ()

    def _answered(self, example: Example, lang: Lang, declining: str) -> str:
        answer = harmless(example.answer) or declining
        if not self._settings.thinking:
            return answer
        opener, marker = _marks(lang)
        space = "" if lang == "zh" else " "
        thoughts = f"{opener}{space}{harmless(example.thoughts)}\n" if example.thoughts else ""
        return f"{thoughts}{marker}{space}{answer}"


def _marks(lang: Lang) -> tuple[str, str]:
    """What thoughts and the final answer begin with."""
    known: Lang = lang if lang in MARKER else "en"
    return OPENER[known], MARKER[known]


def _meant(query: Query, lang: Lang) -> str:
    """The user's words, and the question by itself where they only make sense with the conversation."""
    if query.asked == query.text:
        return query.text
    return _MEANT.get(lang, _MEANT["en"]).format(query.text, query.standalone)


def _tokens(model: ChatModel, messages: Sequence[Message]) -> int:
    return sum(model.count_tokens(message.content) for message in messages)


def _filled(prompt: Any, values: dict[str, str]) -> str:
    """The prompt with the values that it has a place for; a question it must have.

    Raises:
        ConfigError: it has no place for the question, or wants a value that there is none of.
    """
    if "question" in values and "question" not in prompt.placeholders:
        raise ConfigError(
            "has no place for the question",
            where=f"prompt {prompt.name}/{prompt.lang}",
            hint="write {{question}} where it is to stand",
        )
    wanted = {key: value for key, value in values.items() if key in prompt.placeholders}
    text: str = prompt.fill(wanted)
    return text
