"""Where a passage stands in its document, in a chat model's words, put before the passage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field

from surefoot.config.base import PromptName
from surefoot.core.roles import Encoder, Request, Sampling, View
from surefoot.core.types import Chunk, Document
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

_SHARE = 0.4  # of the terms that must stand in what the model was shown
_TOKENS = 100
_SENTENCES = 2
_HEAD_SHARE = (
    0.4  # of what is shown of a long document, its beginning; the rest lies around the passage
)


class ModelContextSettings(WrittenSettings):
    """Finds a passage by its text behind one or two sentences by a chat model that place it in its document."""

    kind: Literal["model-context"] = "model-context"
    prompt: PromptName = Field(default="view/context", description="what the model is told")
    headings: bool = Field(default=True, description="put the heading path before the text")


class ModelContext(WrittenView):
    """One request for each chunk of a document of several.

    The document stands first in the prompt, the same for as many chunks as possible, so that what a model has read of
    it is read once.
    """

    Settings = ModelContextSettings

    def __init__(self, settings: ModelContextSettings, encoder: Encoder, prompt: Prompting) -> None:
        super().__init__(settings, prompt)
        self._settings = settings
        self._encoder = encoder

    def requests(self, document: Document, chunks: Sequence[Chunk]) -> Iterator[Request]:
        """In the order of the text."""
        if len(chunks) < 2:
            return
        settings = self._settings
        for chunk in chunks:
            around = _around(document.text, chunk, settings.reads)
            values = {
                "title": one_line(document.title),
                "document": harmless_around(around),
                "passage": shown(chunk.text, settings.reads),
                "mark": mark_of(around),
            }
            prompt = self._prompt(settings.prompt, language_of(chunk, document))
            yield Request(
                (chunk.index,), tuple(conversation(prompt, values)), Sampling(max_tokens=_TOKENS)
            )

    def read(
        self, request: Request, reply: str, document: Document, chunks: Sequence[Chunk]
    ) -> list[View]:
        """The passage behind what places it; what else stands before it is left out where the encoder would cut."""
        chunk = next(chunk for chunk in chunks if chunk.index in request.chunks)
        context = prose(reply, sentences=_SENTENCES)
        seen = _around(document.text, chunk, self._settings.reads)
        check(
            context,
            f"{document.title}\n{seen}\n{source_of(chunk)}",
            language_of(chunk, document),
            share=_SHARE,
        )
        head = self._head(chunk)
        texts = ["\n".join([*head, context, chunk.text]), f"{context}\n{chunk.text}"]
        counts = self._encoder.count_tokens(texts)
        limit = self._encoder.max_tokens
        fitting = (text for text, count in zip(texts, counts, strict=True) if count <= limit)
        return [View(chunk.index, next(fitting, texts[-1]).strip())]

    def _head(self, chunk: Chunk) -> list[str]:
        names = [chunk.title] if self._settings.title else []
        if self._settings.headings:
            names += chunk.headings
        short = (" ".join(name.split()) for name in names)
        return [name for name in dict.fromkeys(short) if name and not chunk.text.startswith(name)]


def harmless_around(text: str) -> str:
    """All of a text as a model may be shown it."""
    return shown(text, len(text))


def _around(text: str, chunk: Chunk, most: int) -> str:
    """A document that fits, whole; else its beginning and the stretch that holds the chunk's start, each cut alike."""
    if len(text) <= most:
        return text
    head = int(_HEAD_SHARE * most)
    stretch = most - head
    start = head + max(0, chunk.start - head) // stretch * stretch
    return f"{text[:head]}\n…\n{text[start : start + stretch]}"
