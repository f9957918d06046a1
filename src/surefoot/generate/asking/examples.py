"""Reads examples of right answers from a file of rows. Knows how rows look, not how examples are chosen or shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from surefoot.core.errors import DataError

_FENCE = re.compile(r"^\((?:[0-9a-f]{8}|[0-9a-f]{12})\) end \[\d+\]$", re.MULTILINE)
_HINT: Final = (
    'a line is {"question": ..., "answer": ...} or {"text": ..., "label": ...}, a question of an eval set,'
    " or a row of tuning data"
)
_KEPT_APART: Final = {"chat": "dev", "pair": "dev", "": "holdout"}


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its right answer; no answer stands for one that cannot be answered.

    `thoughts` lead to the answer. `whole` says that the question is all that was said to a model, passages included.
    """

    question: str
    answer: str
    thoughts: str = ""
    whole: bool = False


class _Turn(BaseModel):
    model_config = ConfigDict(extra="ignore")
    role: str
    content: str


class _Chat(BaseModel):
    """A row of tuning data: a conversation up to where the model speaks, and what it should say."""

    model_config = ConfigDict(extra="ignore")
    prompt: tuple[_Turn, ...] = Field(min_length=1)
    completion: str = Field(min_length=1)
    thoughts: str = ""

    def example(self) -> Example:
        asked = next((t.content for t in reversed(self.prompt) if t.role == "user"), "")
        return Example(asked, self.completion, self.thoughts, whole=_holds_passages(asked))


class _Pair(BaseModel):
    """A row of tuning data: a query and a passage that answers it."""

    model_config = ConfigDict(extra="ignore")
    query: str = Field(min_length=1)
    positive: str = Field(min_length=1)

    def example(self) -> Example:
        return Example(self.query, self.positive)


class _Answered(BaseModel):
    """A question with its answer."""

    model_config = ConfigDict(extra="ignore")
    question: str = Field(min_length=1)
    answer: str
    thoughts: str = ""

    def example(self) -> Example:
        return Example(
            self.question, self.answer, self.thoughts, whole=_holds_passages(self.question)
        )


class _Labelled(BaseModel):
    """A text with its label."""

    model_config = ConfigDict(extra="ignore")
    text: str = Field(min_length=1)
    label: str = Field(min_length=1)

    def example(self) -> Example:
        return Example(self.text, self.label)


class _Case(BaseModel):
    """A question of an eval set; its first answer is shown."""

    model_config = ConfigDict(extra="ignore")
    question: str = Field(min_length=1)
    answers: tuple[str, ...]

    def example(self) -> Example:
        return Example(self.question, self.answers[0] if self.answers else "")


_LINE: TypeAdapter[_Chat | _Pair | _Answered | _Labelled | _Case] = TypeAdapter(
    _Chat | _Pair | _Answered | _Labelled | _Case
)


def read_examples(path: Path) -> tuple[Example, ...]:
    """The examples in the order of the file; rows that are kept to stop or to judge by are no examples.

    Raises:
        DataError: a line is none, or there are none at all.
    """
    found = tuple(_read(path))
    if not found:
        raise DataError("there is no example in it", where=str(path), hint=_HINT)
    return found


def _read(path: Path) -> Iterator[Example]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            raw = _json(line, f"{path}:{number}")
            if "evalset" in raw or _kept_apart(raw):
                continue
            try:
                example = _LINE.validate_python(raw).example()
            except ValidationError:
                raise DataError("is no example", where=f"{path}:{number}", hint=_HINT) from None
            if not example.question.strip():
                raise DataError("asks nothing", where=f"{path}:{number}", hint=_HINT)
            yield example


def _holds_passages(said: str) -> bool:
    return _FENCE.search(said) is not None


def _json(line: str, where: str) -> Mapping[str, Any]:
    try:
        raw = json.loads(line)
    except json.JSONDecodeError as problem:
        raise DataError(f"is not JSON: {problem}", where=where, hint=_HINT) from None
    if not isinstance(raw, Mapping):
        raise DataError("is no example", where=where, hint=_HINT)
    return raw


def _kept_apart(raw: Mapping[str, Any]) -> bool:
    """Whether a training run stops by this row, or a verdict is given by it."""
    return raw.get("split") == _KEPT_APART.get(str(raw.get("kind", "")), "")
