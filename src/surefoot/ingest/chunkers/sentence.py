"""Chunks of so many sentences each, one after the other. A new section begins a new chunk."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from surefoot.config.base import PartSettings
from surefoot.core.roles import Encoder
from surefoot.core.types import Chunk, Document
from surefoot.ingest.chunkers.frame import Frame
from surefoot.ingest.chunkers.sentences import runs, sections


class SentenceSettings(PartSettings):
    """Cuts after so many sentences, and before a new section."""

    kind: Literal["sentence"] = "sentence"
    sentences: PositiveInt = Field(default=8, description="sentences in a chunk")
    overlap: NonNegativeInt = Field(
        default=0, description="sentences of the chunk before that a chunk begins with"
    )
    max_tokens: int = Field(
        default=480,
        ge=16,
        description="tokens in a chunk at most, counted as those of structure; never more than the encoder reads",
    )

    @model_validator(mode="after")
    def _moves_on(self) -> Self:
        if self.overlap >= self.sentences:
            raise ValueError(
                f"overlap ({self.overlap}) must be smaller than sentences ({self.sentences})"
            )
        return self


class SentenceChunker:
    """Whole sentences; code counts by lines, tables by rows, and headings stay with what follows them."""

    Settings = SentenceSettings
    keeps_budget = True

    def __init__(self, settings: SentenceSettings, encoder: Encoder) -> None:
        self._settings = settings
        self._frame = Frame(encoder, min(settings.max_tokens, encoder.max_tokens))

    def chunk(self, document: Document) -> list[Chunk]:
        """The chunks in order; each `text` is exactly `document.text[start:end]`, all non-blank text is in one."""
        count, frame = self._settings.sentences, self._frame
        return frame.chunks(
            document,
            (
                run
                for section in sections(document, frame)
                for run in runs(
                    section,
                    count,
                    count - self._settings.overlap,
                    frame.room(document.title, section[-1].path),
                )
            ),
        )

    def indexed_text(self, chunk: Chunk) -> str:
        """Title and heading path, each on a line where the text does not begin with it, then the text."""
        return self._frame.indexed_text(chunk)
