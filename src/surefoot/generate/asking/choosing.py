"""Chooses the examples that are shown with a question: the same ones for all, or those that are nearest to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from math import log
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import Names, Settings
from surefoot.core.errors import ConfigError
from surefoot.core.lang import content_terms, normalise_answer, terms
from surefoot.generate.asking.examples import Example, read_examples
from surefoot.generate.asking.vectors import vectors_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from surefoot.core.roles import Encoder, Parts

    Vectors = NDArray[np.float32]

_K1: Final = 1.2
_B: Final = 0.75


class ExampleSettings(Settings):
    """Right answers that the model is shown before the question, as earlier turns of the conversation.

    `nearest` compares by the corpus's encoder, and by words (BM25; pairs of characters in Chinese) where the
    solution has no corpus. An example that asks the very question is never shown.
    """

    file: Annotated[str, Names("file")] = Field(
        min_length=1,
        description="JSONL, relative to the workspace: question and answer, eval set, or rows of tuning data",
    )
    mode: Literal["fixed", "nearest"] = Field(
        default="fixed",
        description="the first of the file for all questions, or the nearest to each",
    )
    count: PositiveInt = Field(default=3, description="examples shown at most")


class Examples:
    """The examples of a file. Reads it, and embeds its questions, once and on first use."""

    def __init__(self, settings: ExampleSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._lock = Lock()

    def chosen(self, question: str) -> list[Example]:
        """The examples for a question in the order in which they are shown, the nearest last."""
        with self._lock:
            known, order = self._known, self._order(question)
        asked = _bare(question)
        taken = [known[place] for place in order if not _asks(known[place], asked)]
        taken = taken[: self._settings.count]
        return taken[::-1] if self._settings.mode == "nearest" else taken

    def neighbours(self, text: str, count: int) -> list[tuple[Example, float]]:
        """The examples nearest to a text whatever `mode` says, best first, with how near they are.

        Nearness is the cosine by the corpus's encoder, else the share of the best score by words (0 to 1).
        """
        with self._lock:
            known, encoder = self._known, self._encoder
            if encoder is None:
                scores = self._words.scores(text)
                best = max(scores, default=0.0) or 1.0
                near = [score / best for score in scores]
            else:
                near = [float(one) for one in self._vectors @ encoder.embed_queries([text])[0]]
        order = sorted(range(len(near)), key=lambda place: -near[place])[:count]
        return [(known[place], near[place]) for place in order]

    @property
    def all(self) -> tuple[Example, ...]:
        """All examples in the order of the file."""
        with self._lock:
            return self._known

    @property
    def by_words(self) -> bool:
        """Whether nearness is told by words, for want of an encoder."""
        return self._encoder is None

    def _order(self, question: str) -> Sequence[int]:
        """The places of all examples, best first."""
        if self._settings.mode == "fixed":
            return range(len(self._known))
        encoder = self._encoder
        if encoder is None:
            return self._words.order(question)
        found = self._vectors @ encoder.embed_queries([question])[0]
        return [int(place) for place in (-found).argsort(kind="stable")]

    @cached_property
    def _known(self) -> tuple[Example, ...]:
        return read_examples(self._parts.file(self._settings.file))

    @cached_property
    def _encoder(self) -> Encoder | None:
        """The encoder of the corpus, None where there is no corpus."""
        try:
            return self._parts.encoder()
        except ConfigError:
            return None

    @cached_property
    def _vectors(self) -> Vectors:
        questions = [example.question for example in self._known]
        return vectors_of(questions, self._parts.encoder(), self._parts.keep)

    @cached_property
    def _words(self) -> Words:
        return Words([example.question for example in self._known])


class Words:
    """Likeness of texts by their words (BM25). Knows nothing of where they come from."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._counts = [Counter(_terms(text)) for text in texts]
        self._lengths = [sum(counts.values()) for counts in self._counts]
        self._mean = max(1.0, sum(self._lengths) / max(1, len(texts)))
        holding = Counter(term for counts in self._counts for term in counts)
        self._rarity = {
            term: log(1 + (len(texts) - many + 0.5) / (many + 0.5))
            for term, many in holding.items()
        }

    def order(self, text: str) -> list[int]:
        """The places of all texts, the likest first; equally like ones in their order."""
        scores = self.scores(text)
        return sorted(range(len(scores)), key=lambda place: -scores[place])

    def scores(self, text: str) -> list[float]:
        """BM25 of each text."""
        wanted = set(_terms(text)) & set(self._rarity)
        return [self._score(place, wanted) for place in range(len(self._counts))]

    def _score(self, place: int, wanted: set[str]) -> float:
        counts = self._counts[place]
        norm = _K1 * (1 - _B + _B * self._lengths[place] / self._mean)
        return sum(
            self._rarity[term] * counts[term] * (_K1 + 1) / (counts[term] + norm)
            for term in sorted(wanted)
            if term in counts
        )


def _terms(text: str) -> list[str]:
    return content_terms(text) or terms(text)


def _bare(text: str) -> str:
    """What counts for two questions to be the same."""
    return "".join(normalise_answer(text, "other").split())


def _asks(example: Example, asked: str) -> bool:
    """Whether an example asks the very question; one that holds passages ends with what it asks."""
    said = _bare(example.question)
    return said == asked or (example.whole and bool(asked) and said.endswith(asked))
