"""A window of sentences that slides over each section, so that every place is seen with what stands around it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, PositiveInt, model_validator

from surefoot.config.base import PartSettings
from surefoot.core.roles import Encoder
from surefoot.core.types import Chunk, Document
from surefoot.ingest.chunkers.sentence import SentenceChunker, SentenceSettings


class WindowSettings(PartSettings):
    """Slides a window of sentences; neighbouring chunks share text."""

    kind: Literal["window"] = "window"
    sentences: PositiveInt = Field(default=6, description="sentences in a window")
    stride: PositiveInt = Field(
        default=3, description="sentences from the beginning of a window to that of the next"
    )
    max_tokens: int = Field(
        default=480,
        ge=16,
        description="tokens in a chunk at most, counted as those of structure; never more than the encoder reads",
    )

    @model_validator(mode="after")
    def _misses_nothing(self) -> Self:
        if self.stride > self.sentences:
            raise ValueError(
                f"stride ({self.stride}) must not be larger than sentences ({self.sentences}),"
                " or the sentences between are in no chunk"
            )
        return self


class WindowChunker:
    """Windows within a section; a window that is full of tokens earlier ends there, and nothing is skipped."""

    Settings = WindowSettings
    keeps_budget = True

    def __init__(self, settings: WindowSettings, encoder: Encoder) -> None:
        overlap = settings.sentences - settings.stride
        self._sentences = SentenceChunker(
            SentenceSettings(
                sentences=settings.sentences, overlap=overlap, max_tokens=settings.max_tokens
            ),
            encoder,
        )

    def chunk(self, document: Document) -> list[Chunk]:
        """The windows in order; each `text` is exactly `document.text[start:end]`, all non-blank text is in one."""
        return self._sentences.chunk(document)

    def indexed_text(self, chunk: Chunk) -> str:
        """Title and heading path, each on a line where the text does not begin with it, then the text."""
        return self._sentences.indexed_text(chunk)
