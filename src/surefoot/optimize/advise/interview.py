"""The interview before any data: questions as data in English and Chinese, and the answers to them.

Asks nobody: a terminal, a file or a page does. Every question may stay open.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import NonNegativeInt, ValidationError, field_validator

from surefoot.config.base import Settings, explain
from surefoot.core.errors import ConfigError, MissingError

AdviceLang = Literal["en", "zh"]
Kind = Literal["yes-no", "number", "choice"]

_YES = frozenset({"yes", "y", "true", "是", "是的", "需要", "有"})
_NO = frozenset({"no", "n", "false", "否", "不", "不是", "不需要", "没有"})
_OPEN = frozenset({"", "?", "unknown", "don't know", "不知道", "不确定"})
_YES_NO = {"en": ("yes", "no"), "zh": ("是", "否")}


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers that a question offers; `said` is its wording by language."""

    value: str
    said: Mapping[AdviceLang, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `decides` marks the six that choose the path.

    `short` names what is asked in a few words. `low` and `high` stand for no and yes where a choice is answered so.
    """

    key: str
    kind: Kind
    said: Mapping[AdviceLang, str]
    short: Mapping[AdviceLang, str]
    options: tuple[Option, ...] = ()
    decides: bool = False
    low: str = ""
    high: str = ""

    def answer_said(self, value: Any, lang: AdviceLang) -> str:
        """An answer in words."""
        if self.kind == "yes-no":
            return _YES_NO[lang][0 if value else 1]
        if self.kind == "number":
            return f"{value:,}"
        return next(one.said[lang] for one in self.options if one.value == value)


@dataclass(frozen=True, slots=True)
class Interview:
    """All questions, in the order in which they are asked."""

    questions: tuple[Question, ...]

    def question(self, key: str) -> Question:
        """One question by its key."""
        return next(one for one in self.questions if one.key == key)

    def open(self, answers: Answers) -> tuple[Question, ...]:
        """The questions that have no answer yet."""
        return tuple(one for one in self.questions if getattr(answers, one.key) is None)


class Answers(Settings):
    """What was answered; None where a question is open.

    `labelled` counts examples. Yes and no are taken for choices too, and words of either language.
    """

    knowledge: bool | None = None
    behaviour: bool | None = None
    hallucination: Literal["harmless", "annoying", "costly", "dangerous"] | None = None
    labelled: NonNegativeInt | None = None
    changes: Literal["never", "yearly", "monthly", "weekly", "daily"] | None = None
    traceable: bool | None = None
    budget: Literal["afternoon", "days", "weeks"] | None = None
    latency: Literal["second", "seconds", "any"] | None = None
    privacy: Literal["anyone", "own", "restricted"] | None = None
    hardware: Literal["cpu", "gpu", "gpus"] | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _in_words(cls, value: Any, info: Any) -> Any:
        """Yes, no and "do not know" as people write them."""
        word = str(value).strip().lower()
        if value is None or word in _OPEN:
            return None
        question = interview().question(info.field_name)
        if question.kind == "yes-no" and word not in _YES | _NO:
            raise ValueError(f"{value!r} is neither yes nor no")
        if question.kind == "yes-no":
            return word in _YES
        if question.kind == "choice" and question.high and word in _YES | _NO:
            return question.high if word in _YES else question.low
        if question.kind == "choice":
            return word
        return word.replace(",", "") if isinstance(value, str) else value

    def given(self) -> dict[str, Any]:
        """The answers that are not open, by question."""
        return {key: value for key, value in self if value is not None}

    def over(self, other: Answers) -> Answers:
        """These answers, and where a question is open that of the other."""
        return Answers.model_validate(other.given() | self.given())


@cache
def interview() -> Interview:
    """The questions."""
    file = resources.files("surefoot.optimize.advise") / "data" / "interview.toml"
    listed = tomllib.loads(file.read_text(encoding="utf-8"))["question"]
    return Interview(tuple(_question(one) for one in listed))


def parse_answers(raw: Mapping[str, Any], *, where: str = "answers") -> Answers:
    """Answers from plain values.

    Raises:
        ConfigError: naming the question and what may be answered.
    """
    try:
        return Answers.model_validate(dict(raw))
    except ValidationError as problem:
        found = explain(problem, Answers, where=where)
        key = str(problem.errors()[0]["loc"][0])
        if key in Answers.model_fields:
            found = ConfigError(
                found.message, where=where, hint=_allowed(interview().question(key))
            )
        raise found from None


def read_answers(path: Path) -> Answers:
    """Answers from a TOML or JSON file.

    Raises:
        MissingError: there is no such file.
        ConfigError: it cannot be read, or an answer is none.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except FileNotFoundError:
        raise MissingError("there is no such file of answers", where=str(path)) from None
    except (json.JSONDecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"cannot be read: {problem}", where=str(path)) from None
    if not isinstance(raw, Mapping):
        raise ConfigError("must be a table of answers", where=str(path))
    return parse_answers(raw, where=path.name)


def _question(raw: Mapping[str, Any]) -> Question:
    return Question(
        key=raw["key"],
        kind=raw["kind"],
        said={"en": raw["en"], "zh": raw["zh"]},
        short=raw["short"],
        options=tuple(
            Option(one["value"], {"en": one["en"], "zh": one["zh"]})
            for one in raw.get("option", ())
        ),
        decides=raw.get("decides", False),
        low=raw.get("low", ""),
        high=raw.get("high", ""),
    )


def _allowed(question: Question) -> str:
    if question.kind == "yes-no":
        return "yes or no; leave it out where it is open"
    if question.kind == "number":
        return "a number of examples, such as 200"
    return ", ".join(option.value for option in question.options)
