"""Questions that a chat model says a passage answers, each checked in code, embedded as questions are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import PromptName
from surefoot.core.errors import DataError
from surefoot.core.lang.likeness import near_copies, plain_words
from surefoot.core.roles import Encoder, Request, Sampling, View
from surefoot.core.types import Chunk, Document
from surefoot.ingest.views.questions import is_question
from surefoot.ingest.views.settings import headed, says_something
from surefoot.ingest.views.written import (
    Prompting,
    WrittenSettings,
    WrittenView,
    bare,
    check,
    language_of,
    mark_of,
    one_line,
    shown,
    source_of,
    speaks_of_itself,
)
from surefoot.models.asking import conversation

_SHARE = 0.5  # of a question's terms that must stand in the passage
_QUESTION_TOKENS = 40
_MOST_CHARS = 200
_NUMBERED = re.compile(
    r"^\W*(?:(?:q(?:uestion)?|问题?)\s*\d*\s*[.:：、)]|\d{1,2}\s*[.:：、)])\s*|^\s*[-*+•·]\s+",
    re.IGNORECASE,
)


class ModelQuestionsSettings(WrittenSettings):
    """Finds a passage by questions that a chat model wrote and the passage answers."""

    kind: Literal["model-questions"] = "model-questions"
    prompt: PromptName = Field(default="view/questions", description="what the model is told")
    count: PositiveInt = Field(default=4, description="questions that are asked for a passage")


class ModelQuestions(WrittenView):
    """One request for each chunk that says something."""

    Settings = ModelQuestionsSettings
    asks = True

    def __init__(
        self, settings: ModelQuestionsSettings, encoder: Encoder, prompt: Prompting
    ) -> None:
        del encoder
        super().__init__(settings, prompt)
        self._settings = settings

    def requests(self, document: Document, chunks: Sequence[Chunk]) -> Iterator[Request]:
        """In the order of the text."""
        settings = self._settings
        for chunk in chunks:
            if not says_something(chunk.text):
                continue
            values = {
                "title": one_line(" › ".join((chunk.title, *chunk.headings))),
                "passage": shown(chunk.text, settings.reads),
                "mark": mark_of(chunk.text),
                "count": str(settings.count),
            }
            prompt = self._prompt(settings.prompt, language_of(chunk, document))
            yield Request(
                (chunk.index,),
                tuple(conversation(prompt, values)),
                Sampling(max_tokens=_QUESTION_TOKENS * settings.count),
            )

    def read(
        self, request: Request, reply: str, document: Document, chunks: Sequence[Chunk]
    ) -> list[View]:
        """The questions that are left when each was checked, no two of them nearly the same."""
        chunk = next(chunk for chunk in chunks if chunk.index in request.chunks)
        kept: list[str] = []
        reason = "the reply holds no question"
        for line in bare(reply).splitlines():
            question = _NUMBERED.sub("", line).strip().strip('*"“”')
            if not is_question(question) or len(question) > _MOST_CHARS:
                continue
            try:
                _check(question, chunk, document)
            except DataError as problem:
                reason = problem.message
                continue
            kept.append(question)
        if not kept:
            raise DataError(reason)
        few = _different(kept)[: self._settings.count]
        return [View(chunk.index, headed(chunk, q, title=self._settings.title)) for q in few]


def _check(question: str, chunk: Chunk, document: Document) -> None:
    if not says_something(question) or speaks_of_itself(question):
        raise DataError("the question says nothing to who does not see the passage")
    check(question, source_of(chunk), language_of(chunk, document), share=_SHARE)


def _different(questions: Sequence[str]) -> list[str]:
    """The first of those that are the same or nearly so."""
    own = list({plain_words(question): question for question in reversed(questions)}.values())[::-1]
    later = {second for _, second, _ in near_copies(own)}
    return [question for place, question in enumerate(own) if place not in later]
