"""Small-to-big: a chunk is found by each of its sentences, and the answer is made from the whole chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field, PositiveInt

from surefoot.core.lang import sentence_spans
from surefoot.core.roles import Encoder, View
from surefoot.core.types import Chunk, Document
from surefoot.ingest.views.settings import ViewSettings, headed, says_something, view_name


class SentencesSettings(ViewSettings):
    """Finds a passage by each of its sentences, or by windows of some: search small, answer with the whole."""

    kind: Literal["sentences"] = "sentences"
    window: PositiveInt = Field(
        default=1, description="sentences in each text, one further on each"
    )


class SentencesViewer:
    """The sentences of each chunk; a chunk that is one window has none, because its passage says the same."""

    Settings = SentencesSettings
    asks = False

    def __init__(self, settings: SentencesSettings, encoder: Encoder) -> None:
        del encoder
        self._settings = settings
        self.name = view_name(settings)

    def views(self, document: Document, chunks: Sequence[Chunk]) -> Iterator[View]:
        """One for each window of sentences that says something."""
        del document
        window = self._settings.window
        for chunk in chunks:
            spans = sentence_spans(chunk.text)
            for place in range(max(len(spans) - window, 0) + 1 if len(spans) > window else 0):
                text = chunk.text[spans[place][0] : spans[place + window - 1][1]]
                if says_something(text):
                    yield View(chunk.index, headed(chunk, text, title=self._settings.title))
