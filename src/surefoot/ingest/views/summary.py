"""Extractive summaries: the sentences that together cover a chunk, or a section, best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import log
from typing import TYPE_CHECKING, Literal

from pydantic import Field, PositiveInt

from surefoot.core.lang import content_terms
from surefoot.core.roles import Encoder, View
from surefoot.core.types import Chunk, Document
from surefoot.ingest.views.settings import ViewSettings, headed, sentences_of, view_name

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors

MAX_SENTENCES = 400
"""Sentences that are weighed against each other; a longer section is summarised in parts."""


class SummarySettings(ViewSettings):
    """Finds a passage by the few sentences that cover it, or its section, best; the passage itself is returned."""

    kind: Literal["summary"] = "summary"
    sentences: PositiveInt = Field(default=2, description="sentences in a summary")
    scope: Literal["chunk", "section"] = Field(
        default="chunk", description="what is summarised: each chunk, or all chunks under a heading"
    )
    by: Literal["terms", "meaning"] = Field(
        default="terms",
        description="what is to be covered: the terms by their rarity, or the meaning (embeds every sentence)",
    )


class SummaryViewer:
    """One summary for each chunk, in the order of its text; a text of so few sentences has none."""

    Settings = SummarySettings
    asks = False

    def __init__(self, settings: SummarySettings, encoder: Encoder) -> None:
        self._settings = settings
        self._encoder = encoder
        self.name = view_name(settings)

    def views(self, document: Document, chunks: Sequence[Chunk]) -> Iterator[View]:
        """The summaries; every chunk of a section has that of the section."""
        del document
        for group in self._groups(chunks):
            texts = [text for chunk in group for text in sentences_of(chunk.text)]
            sentences = list(dict.fromkeys(texts))
            if len(sentences) <= self._settings.sentences:
                continue
            chosen = covering(self._matrix(sentences), self._settings.sentences)
            summary = " ".join(sentences[place] for place in sorted(chosen))
            for chunk in group:
                yield View(chunk.index, headed(chunk, summary, title=self._settings.title))

    def _groups(self, chunks: Sequence[Chunk]) -> Iterator[list[Chunk]]:
        if self._settings.scope == "chunk":
            yield from ([chunk] for chunk in chunks)
            return
        for _, section in groupby(chunks, key=lambda chunk: chunk.headings):
            group: list[Chunk] = []
            held = 0
            for chunk in section:
                length = len(sentences_of(chunk.text))
                if group and held + length > MAX_SENTENCES:
                    yield group
                    group, held = [], 0
                group.append(chunk)
                held += length
            yield group

    def _matrix(self, sentences: Sequence[str]) -> Vectors:
        if self._settings.by == "meaning":
            return self._encoder.embed_passages(sentences[:MAX_SENTENCES])
        return weighted_terms(sentences[:MAX_SENTENCES])


def weighted_terms(sentences: Sequence[str]) -> Vectors:
    """One unit row for each sentence: its terms, those that few of the sentences hold counting more (tf-idf)."""
    import numpy as np

    counts = [Counter(content_terms(sentence)) for sentence in sentences]
    held = Counter(term for count in counts for term in count)
    places = {term: place for place, term in enumerate(held)}
    matrix = np.zeros((len(sentences), max(len(places), 1)), np.float32)
    for row, count in enumerate(counts):
        for term, times in count.items():
            matrix[row, places[term]] = times * (1 + log(len(sentences) / held[term]))
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    unit: Vectors = matrix / np.maximum(lengths, 1e-9)
    return unit


def covering(matrix: Vectors, wanted: int) -> list[int]:
    """The rows whose sum is nearest to the sum of all by cosine, taken one after the other."""
    import numpy as np

    centre = matrix.sum(axis=0)
    chosen: list[int] = []
    so_far = np.zeros_like(centre)
    while len(chosen) < min(wanted, len(matrix)):
        sums = matrix + so_far
        nearness = sums @ centre / np.maximum(np.linalg.norm(sums, axis=1), 1e-9)
        nearness[chosen] = -np.inf
        best = int(np.argmax(nearness))
        chosen.append(best)
        so_far = so_far + matrix[best]
    return chosen
