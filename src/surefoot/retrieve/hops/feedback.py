"""Searches again with what the first hits have in common: their telling words, and their vectors.

Words after RM3 (Lavrenko and Croft 2001; Abdul-Jaleel et al. 2004), vectors after Rocchio (1971). No model besides
the encoder, and nothing is embedded that was not before.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import log
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt

from surefoot.config.base import PartSettings
from surefoot.core.lang import content_terms, is_han, terms
from surefoot.core.roles import Call, Parts, Produces, Takes, frequencies_for
from surefoot.core.types import Asker, Hit, Note, Query, Turn
from surefoot.retrieve.found import Aim
from surefoot.retrieve.search import Search, SearchSettings

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors

_RUN = re.compile(r"[\u3400-\u9fff]+|[^\W\d_\u3400-\u9fff]{3,}")
_KNOWN_IN = 2  # a word of one chunk alone finds nothing but that chunk


class FeedbackSettings(PartSettings):
    """A second search with the telling words and vectors of the first hits (RM3, Rocchio)."""

    kind: Literal["feedback"] = "feedback"
    search: SearchSettings = Field(default=SearchSettings(), description="the second search")
    hits: PositiveInt = Field(default=5, description="first hits that are taken for right")
    words: NonNegativeInt = Field(default=10, description="words taken from them; 0 = none")
    weight: NonNegativeFloat = Field(
        default=0.3, description="what the words weigh beside the question, which weighs 1"
    )
    shift: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="how far the question's vector moves towards the hits; 0 = not at all",
    )


class Feedback:
    """Puts the hits of the second search in the place of the first; signals of the first are kept."""

    Settings = FeedbackSettings
    takes: ClassVar[Takes] = "hits"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: FeedbackSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._search = Search(settings.search, parts)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with the hits of the second search; without hits to learn from it stays as it is."""
        seen = turn.hits[: self._settings.hits]
        if not seen:
            return turn
        words = self._words(turn.query, seen)
        aims = [
            replace(aim, vector=self._shifted(aim, seen))
            if self._settings.shift and aim.how == "question"
            else aim
            for aim in self._search.aims(turn.query)
        ]
        if words and self._settings.weight:
            expansion = Aim(" ".join(words), self._settings.weight, name="feedback_", how="words")
            aims.append(expansion)
        after = self._search.look_for(aims, turn, call)
        first = {hit.chunk.id: hit.signals for hit in turn.hits}
        hits = tuple(
            replace(hit, signals={**first.get(hit.chunk.id, {}), **hit.signals}, by="feedback")
            for hit in after.hits
        )
        note = Note("feedback", f"searched again with: {', '.join(words) or 'no words'}")
        return replace(after, hits=hits, notes=(*after.notes, note))

    def _shifted(self, aim: Aim, seen: Sequence[Hit]) -> Vectors:
        """The aim's vector moved towards the mean of the hits'."""
        vector = self._parts.encoder().embed_queries([aim.text])[0]
        mean = self._parts.index().vectors([hit.chunk.id for hit in seen]).mean(axis=0)
        moved: Vectors = (1 - self._settings.shift) * vector + self._settings.shift * mean
        length = float((moved @ moved) ** 0.5)
        return moved / length if length else vector

    def _words(self, query: Query, seen: Sequence[Hit]) -> list[str]:
        """The words with the largest share in the hits, weighted by rank and rarity, that the question lacks."""
        asked = set(terms(query.asked))
        shares, spelt = _relevance(seen)
        wanted = [unit for unit in shares if not asked.issuperset(unit)]
        counts, chunks = self._occurrences(wanted, query.asker)
        scores = {
            unit: shares[unit] * log((chunks + 1) / (counts[unit] + 0.5))
            for unit in wanted
            if counts[unit] >= _KNOWN_IN
        }
        best = sorted(scores, key=lambda unit: (-scores[unit], unit))[: self._settings.words]
        return [spelt[unit].most_common(1)[0][0] for unit in best]

    def _occurrences(
        self, units: Sequence[tuple[str, ...]], asker: Asker
    ) -> tuple[Mapping[tuple[str, ...], int], int]:
        """In how many chunks each unit occurs at most."""
        every = list(dict.fromkeys(term for unit in units for term in unit))
        counts, chunks = frequencies_for(self._parts.index(), asker)(every)
        known = dict(zip(every, counts, strict=True))
        return {unit: min(known[term] for term in unit) for unit in units}, chunks


def _relevance(
    seen: Sequence[Hit],
) -> tuple[dict[tuple[str, ...], float], dict[tuple[str, ...], Counter[str]]]:
    """The share of each word in the hits, and how it is spelt; a hit counts by its rank."""
    shares: dict[tuple[str, ...], float] = defaultdict(float)
    spelt: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for rank, hit in enumerate(seen, start=1):
        words = list(_content_words(hit.chunk.text))
        for word in words:
            unit = tuple(terms(word))
            shares[unit] += 1.0 / (rank * len(words))
            spelt[unit][word] += 1
    return shares, spelt


def _content_words(text: str) -> Iterator[str]:
    """Words in lower case without stop words and numbers; Chinese ones of two characters or more."""
    for run in _RUN.findall(text):
        if is_han(run[0]):
            import rjieba

            words = [word for word in rjieba.cut(run, hmm=True) if len(word) > 1]
        else:
            words = [run.lower()]
        for word in words:
            if len(content_terms(word)) == len(terms(word)):
                yield word
