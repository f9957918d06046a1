"""Small-to-big: a chunk is found by each of its sentences, and the answer is made from the whole chunk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field, PositiveInt

from surefoot.core.lang import sentence_spans
from surefoot.core.roles import Encoder, View
from surefoot.core.types import Chunk, Document
from surefoot.ingest.views.settings import ViewSettings, headed, says_something, view_name

_LINE = re.compile(r"\S(?:.*\S)?")


class SentencesSettings(ViewSettings):
    """Finds a passage by each of its sentences, or by windows of some: search small, answer with the whole."""

    kind: Literal["sentences"] = "sentences"
    window: PositiveInt = Field(
        default=1, description="sentences in each text, one further on each"
    )
    unit: Literal["sentence", "line"] = Field(
        default="sentence", description="what counts as a sentence: lines suit lists"
    )
    asks: bool = Field(default=False, description="embed the texts as questions are embedded")


class SentencesViewer:
    """The sentences of each chunk; a chunk that is one window has none, because its passage says the same."""

    Settings = SentencesSettings

    def __init__(self, settings: SentencesSettings, encoder: Encoder) -> None:
        del encoder
        self._settings = settings
        self.name = view_name(settings)
        self.asks = settings.asks

    def views(self, document: Document, chunks: Sequence[Chunk]) -> Iterator[View]:
        """One for each window of sentences that says something."""
        del document
        window = self._settings.window
        for chunk in chunks:
            spans = self._spans(chunk.text)
            for place in range(len(spans) - window + 1 if len(spans) > window else 0):
                text = chunk.text[spans[place][0] : spans[place + window - 1][1]]
                if says_something(text):
                    yield View(chunk.index, headed(chunk, text, title=self._settings.title))

    def _spans(self, text: str) -> list[tuple[int, int]]:
        if self._settings.unit == "sentence":
            return sentence_spans(text)
        return [match.span() for match in _LINE.finditer(text)]
