"""Summaries that a chat model writes: a passage, or a section, is found by them and returned itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import PromptName
from surefoot.core.roles import Encoder, Request, Sampling, View
from surefoot.core.types import Chunk, Document
from surefoot.ingest.views.settings import headed, sentences_of
from surefoot.ingest.views.written import (
    Prompting,
    WrittenSettings,
    WrittenView,
    check,
    language_of,
    mark_of,
    one_line,
    prose,
    shown,
    source_of,
)
from surefoot.models.asking import conversation

_SHARE = 0.4  # of a summary's terms that must stand in what it sums up
_SENTENCE_TOKENS = 60


class ModelSummarySettings(WrittenSettings):
    """Finds a passage by a summary that a chat model wrote of it, or of its section; the passage itself is returned."""

    kind: Literal["model-summary"] = "model-summary"
    prompt: PromptName = Field(default="view/summary", description="what the model is told")
    sentences: PositiveInt = Field(default=2, description="sentences in a summary at most")
    scope: Literal["chunk", "section"] = Field(
        default="chunk", description="what is summed up: each chunk, or all chunks under a heading"
    )


class ModelSummary(WrittenView):
    """One request for each chunk or section; a text of so few sentences has none."""

    Settings = ModelSummarySettings

    def __init__(self, settings: ModelSummarySettings, encoder: Encoder, prompt: Prompting) -> None:
        del encoder
        super().__init__(settings, prompt)
        self._settings = settings

    def requests(self, document: Document, chunks: Sequence[Chunk]) -> Iterator[Request]:
        """In the order of the text."""
        settings = self._settings
        for group in self._groups(chunks):
            text = _joined(group)
            if len(sentences_of(text)) <= settings.sentences:
                continue
            values = {
                "title": one_line(" › ".join((group[0].title, *group[0].headings))),
                "passage": shown(text, settings.reads),
                "mark": mark_of(text),
                "sentences": str(settings.sentences),
            }
            prompt = self._prompt(settings.prompt, language_of(group[0], document))
            yield Request(
                tuple(chunk.index for chunk in group),
                tuple(conversation(prompt, values)),
                Sampling(max_tokens=_SENTENCE_TOKENS * settings.sentences),
            )

    def read(
        self, request: Request, reply: str, document: Document, chunks: Sequence[Chunk]
    ) -> list[View]:
        """The summary, for every chunk that it sums up."""
        group = [chunk for chunk in chunks if chunk.index in request.chunks]
        text = prose(reply, sentences=self._settings.sentences)
        source = "\n".join(source_of(chunk) for chunk in group)
        check(text, source, language_of(group[0], document), share=_SHARE)
        return [
            View(chunk.index, headed(chunk, text, title=self._settings.title)) for chunk in group
        ]

    def _groups(self, chunks: Sequence[Chunk]) -> Iterator[list[Chunk]]:
        """Chunks that are summed up together: as many of a section as the model is shown."""
        if self._settings.scope == "chunk":
            yield from ([chunk] for chunk in chunks)
            return
        for _, section in groupby(chunks, key=lambda chunk: chunk.headings):
            group: list[Chunk] = []
            for chunk in section:
                if group and len(_joined([*group, chunk])) > self._settings.reads:
                    yield group
                    group = []
                group.append(chunk)
            yield group


def _joined(chunks: Sequence[Chunk]) -> str:
    return "\n".join(chunk.text for chunk in chunks)
