"""The stage `classify`: which of some labels a text has, by a chat model or by its nearest labelled neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, inf
from string import ascii_uppercase
from typing import Annotated, ClassVar, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from surefoot.config.base import Names, PromptName
from surefoot.core.errors import CapReached, ConfigError, DataError, TransientError
from surefoot.core.harmless import harmless
from surefoot.core.roles import Call, Likelihoods, Message, Parts, Produces, ScoringChat, Takes
from surefoot.core.types import Answer, Lang, Turn, Usage
from surefoot.generate.asking.choosing import Examples, ExampleSettings
from surefoot.generate.structured.forming import form
from surefoot.generate.structured.schema import Schema
from surefoot.generate.structured.writing import write
from surefoot.generate.tasks.base import TaskSettings, Teller, answered, language, refused
from surefoot.generate.tasks.labels import read_labels, voted

_BLANK = "N/A"
_UNSURE = {
    "en": "no label is likely enough ({:.2f} for {})",
    "zh": "没有足够可能的标签（{1} 为 {0:.2f}）",
}


class ClassifySettings(TaskSettings):
    """Chooses a label for a text; without labels those of the examples are taken."""

    kind: Literal["classify"] = "classify"
    method: Literal["model", "letters", "nearest"] = Field(
        default="model",
        description="a model writes the label, or tells how likely each of 26 at most is; or examples vote",
    )
    labels: tuple[str, ...] = Field(default=(), description="the labels to choose from")
    labels_file: Annotated[str, Names("file")] = Field(
        default="", description="or a file of them, relative to the workspace: one a line"
    )
    examples: ExampleSettings | None = Field(
        default=None,
        description='labelled rows, such as {"text": ..., "label": ...}: { file, mode, count }; null = none',
    )
    neighbours: PositiveInt = Field(default=10, description="examples that vote")
    candidates: NonNegativeInt = Field(
        default=0,
        description="the model chooses among so many labels, the likeliest by votes; 0 = among all",
    )
    threshold: float = Field(
        default=0.0, ge=0, le=1, description="likelihood below which no label is given; 0 = never"
    )
    max_tokens: PositiveInt = 60
    prompt: PromptName = "task/classify"
    letters: PromptName = "task/classify-letters"


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A label and how likely it is (0 to 1, None where nobody tells); `problem` says why there is none."""

    label: str = ""
    likelihood: float | None = None
    usage: Usage = Usage()
    notes: tuple[str, ...] = ()
    problem: str = ""


class Classify:
    """The text of the answer is the label alone; a model that gives none leaves the choice to the neighbours."""

    Settings = ClassifySettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "answer"

    def __init__(self, settings: ClassifySettings, parts: Parts) -> None:
        _check(settings)
        self._settings = settings
        self._parts = parts
        self._teller = Teller(settings, parts)
        self._examples = Examples(settings.examples, parts) if settings.examples else None

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """Classifies.

        Raises:
            ConfigError: the model's endpoint refuses its key, or nothing answers there.
            MissingError, DataError: the model, the labels or the examples are not there, or cannot be read.
        """
        text, lang = turn.query.text, language(turn.query)
        by_votes = self._votes(text)
        if self._settings.method == "nearest":
            chosen = self._nearest(by_votes)
        else:
            chosen = self._by_model(text, lang, call, by_votes)
            if chosen.problem and by_votes:
                chosen = self._instead(chosen, by_votes)
        return answered(turn, "classify", self._answer(chosen, lang), chosen.notes)

    def _answer(self, chosen: _Chosen, lang: Lang) -> Answer:
        if chosen.problem:
            return refused(chosen.problem, lang, chosen.usage)
        likely = 1.0 if chosen.likelihood is None else chosen.likelihood
        if likely < self._settings.threshold:
            unsure = _UNSURE.get(lang, _UNSURE["en"]).format(likely, chosen.label)
            return refused(unsure, lang, chosen.usage)
        return Answer(
            chosen.label, confidence=chosen.likelihood, usage=chosen.usage, value=chosen.label
        )

    def _votes(self, text: str) -> list[tuple[str, float]]:
        """The labels by the votes of the nearest examples, where they are asked."""
        wanted = self._settings.method == "nearest" or self._settings.candidates
        if self._examples is None or not wanted:
            return []
        return voted(self._examples.neighbours(text, self._settings.neighbours), self._labels)

    def _nearest(self, by_votes: Sequence[tuple[str, float]]) -> _Chosen:
        if not by_votes:
            return _Chosen(problem="no labelled example is near")
        return _Chosen(*by_votes[0])

    def _by_model(
        self, text: str, lang: Lang, call: Call, by_votes: Sequence[tuple[str, float]]
    ) -> _Chosen:
        labels = self._labels
        if self._settings.candidates and by_votes:
            labels = tuple(label for label, _ in by_votes[: self._settings.candidates])
        if len(labels) == 1:
            return _Chosen(*by_votes[0]) if by_votes else _Chosen(labels[0])
        if self._settings.method == "letters":
            return self._by_letters(text, lang, labels, call)
        prompt = self._told(text, lang, labels)
        schema = Schema(
            {
                "type": "object",
                "properties": {"label": {"type": "string", "enum": list(labels)}},
                "required": ["label"],
                "additionalProperties": False,
            }
        )
        model = self._teller.model
        messages, notes = self._with_examples(text, lang, labels, prompt)
        formed = form(model, messages, self._teller.sampling(call), call, schema=schema, lang=lang)
        if formed.problem:
            problem = formed.problem
            return _Chosen(usage=formed.usage, notes=(*notes, problem), problem=problem)
        label = str(formed.value["label"])
        told = (*notes, *formed.notes)
        return _Chosen(label, None, formed.usage, told)

    def _by_letters(self, text: str, lang: Lang, labels: Sequence[str], call: Call) -> _Chosen:
        """The label whose letter the text makes likeliest, with its share among the letters.

        Models like some letters better than others: each is weighed against how likely it is over a text that says
        nothing.
        """
        if len(labels) > len(ascii_uppercase):
            reason = f"{len(labels)} labels have more than 26 letters: set candidates"
            return _Chosen(problem=reason, notes=(reason,))
        model = self._teller.model
        if not isinstance(model, ScoringChat):
            reason = "this model does not tell how likely its words are"
            return _Chosen(problem=reason, notes=(reason,))
        try:
            found, blank = self._likelihoods(model, (text, _BLANK), lang, labels, call)
        except (TransientError, DataError, CapReached) as problem:
            reason = f"the model gave no answer: {problem.message}"
            return _Chosen(problem=reason, notes=(reason,))
        usage = found.usage + blank.usage
        gains = list(found.logprobs)
        if (
            found.told and blank.told
        ):  # a letter that is likely whatever the text is says nothing of it
            gains = [a - b for a, b in zip(found.logprobs, blank.logprobs, strict=True)]
        best = max(range(len(labels)), key=lambda place: gains[place])
        if gains[best] == -inf:
            reason = "the model's reply is none of the letters"
            return _Chosen(usage=usage, problem=reason, notes=(reason,))
        share = 1 / sum(exp(one - gains[best]) for one in gains)
        return _Chosen(labels[best], share if found.told else None, usage)

    def _likelihoods(
        self,
        model: ScoringChat,
        texts: Sequence[str],
        lang: Lang,
        labels: Sequence[str],
        call: Call,
    ) -> list[Likelihoods]:
        """How likely each label's letter is as the first word, for each of some texts."""
        letters = list(ascii_uppercase[: len(labels)])
        listed = "\n".join(f"{a}: {harmless(b)}" for a, b in zip(letters, labels, strict=True))
        found = []
        for text in texts:
            call.check_deadline()
            values = {"text": harmless(text), "labels": listed}
            messages = self._teller.messages(self._settings.letters, lang, values)
            found.append(model.choice_logprobs(messages, letters))
            call.meter.add(found[-1].usage)
        return found

    def _instead(self, chosen: _Chosen, by_votes: Sequence[tuple[str, float]]) -> _Chosen:
        label, share = by_votes[0]
        note = "the nearest labelled examples chose, for the model did not"
        return _Chosen(label, share, chosen.usage, (*chosen.notes, note))

    def _told(self, text: str, lang: Lang, labels: Sequence[str]) -> list[Message]:
        listed = "\n".join(f"- {harmless(label)}" for label in labels)
        values = {"text": harmless(text), "labels": listed}
        return self._teller.messages(self._settings.prompt, lang, values)

    def _with_examples(
        self, text: str, lang: Lang, labels: Sequence[str], prompt: list[Message]
    ) -> tuple[list[Message], tuple[str, ...]]:
        """The examples as earlier turns of the conversation, as many as there is room for."""
        if self._examples is None:
            return prompt, ()
        shown = [one for one in self._examples.chosen(text) if one.answer.strip() in labels]
        room = self._teller.room(
            self._settings.prompt, lang, {"text": text, "labels": "\n".join(labels)}
        )
        turns: list[Message] = []
        kept = 0
        for one in reversed(shown):
            turn = [
                Message("user", harmless(one.question)),
                Message("assistant", write({"label": one.answer.strip()}).text),
            ]
            cost = sum(self._teller.model.count_tokens(m.content) for m in turn)
            if cost > room:
                break
            turns, kept, room = [*turn, *turns], kept + 1, room - cost
        gone = len(shown) - kept
        notes = (f"left out {gone} of {len(shown)} examples: no room",) if gone else ()
        return [*turns, *prompt], notes

    @cached_property
    def _labels(self) -> tuple[str, ...]:
        if self._settings.labels:
            return self._settings.labels
        if self._settings.labels_file:
            return read_labels(self._parts.file(self._settings.labels_file))
        if self._examples is None:
            raise ConfigError("needs labels, labels_file or examples", where="stage classify")
        return tuple(sorted({one.answer.strip() for one in self._examples.all if one.answer}))


def _check(settings: ClassifySettings) -> None:
    """Sees to it that there is something to choose from.

    Raises:
        ConfigError: there is not.
    """
    if settings.examples is None and (settings.method == "nearest" or settings.candidates):
        hint = 'examples = { file = "labelled.jsonl" }'
        raise ConfigError("needs labelled rows", where="classify", hint=hint)
    if not (settings.labels or settings.labels_file or settings.examples):
        hint = 'labels = ["a", "b"], labels_file or examples'
        raise ConfigError("needs labels to choose from", where="classify", hint=hint)
