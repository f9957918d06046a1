"""A chunk in its context: title, heading path, the document's opening and the sentences next to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field, NonNegativeInt

from surefoot.core.roles import Encoder, View
from surefoot.core.types import Chunk, Document
from surefoot.ingest.views.settings import ViewSettings, sentences_of, view_name

_HEAD_CHARS = 50_000


class ContextSettings(ViewSettings):
    """Finds a passage by its text in context: title, heading path, how the document opens, sentences around it."""

    kind: Literal["context"] = "context"
    headings: bool = Field(default=True, description="put the heading path before the text")
    opening: NonNegativeInt = Field(
        default=1, description="sentences of the document's opening before the text"
    )
    before: NonNegativeInt = Field(default=1, description="sentences of the chunk before")
    after: NonNegativeInt = Field(default=1, description="sentences of the chunk after")


class ContextViewer:
    """One text for each chunk; what surrounds it is left out where the encoder would have to cut."""

    Settings = ContextSettings
    asks = False

    def __init__(self, settings: ContextSettings, encoder: Encoder) -> None:
        self._settings = settings
        self._encoder = encoder
        self.name = view_name(settings)

    def views(self, document: Document, chunks: Sequence[Chunk]) -> Iterator[View]:
        """The chunks in context, as far as the encoder reads."""
        settings = self._settings
        opening = sentences_of(document.text[:_HEAD_CHARS])[: settings.opening]
        for place, chunk in enumerate(chunks):
            before = sentences_of(chunks[place - 1].text)[-settings.before :] if place else []
            following = chunks[place + 1 : place + 2]
            after = [s for one in following for s in sentences_of(one.text)[: settings.after]]
            start = [text for text in opening if text not in chunk.text and text not in before]
            head = self._head(chunk)
            choices = (
                [*head, *start, *(before if settings.before else []), chunk.text, *after],
                [*head, *start, chunk.text],
                [*head, chunk.text],
            )
            texts = ["\n".join(lines) for lines in choices]
            counts = self._encoder.count_tokens(texts)
            fitting = (
                text
                for text, count in zip(texts, counts, strict=True)
                if count <= self._encoder.max_tokens
            )
            yield View(chunk.index, next(fitting, texts[-1]))

    def _head(self, chunk: Chunk) -> list[str]:
        names = [chunk.title] if self._settings.title else []
        if self._settings.headings:
            names += chunk.headings
        short = (" ".join(name.split()) for name in names)
        return [name for name in dict.fromkeys(short) if name and not chunk.text.startswith(name)]
