"""What a chunk shows of being an answer, without a model: the question's words, how near, titles, the former score.

Every feature is 0 to 1, whatever the language, the encoder or the size of the corpus.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from surefoot.core.lang import content_terms, sentence_spans, terms
from surefoot.retrieve.fuse import minmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surefoot.core.types import Chunk, Hit

    Floats = NDArray[np.float64]

Frequencies = Callable[[Sequence[str]], tuple[list[int], int]]
FEATURES: Final = (
    "before",
    "words",
    "sentence",
    "nearness",
    "phrase",
    "title",
    "title_match",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's terms in order, stop words included, and the share of its weight (idf) of each content term."""

    terms: tuple[str, ...]
    weights: Mapping[str, float]

    def covered(self, found: frozenset[str]) -> float:
        """The share of the question's weight that is found (0 to 1)."""
        return sum(weight for term, weight in self.weights.items() if term in found)

    def pairs(self) -> dict[tuple[str, str], float]:
        """Its adjoining terms and the share of the weight of all pairs that each has."""
        raw = {
            pair: self.weights.get(pair[0], 0.0) + self.weights.get(pair[1], 0.0)
            for pair in pairwise(self.terms)
        }
        whole = sum(raw.values())
        return {pair: weight / whole for pair, weight in raw.items()} if whole else {}


def ask(text: str, frequencies: Frequencies) -> Asked:
    """Reads a question; idf is that of BM25 over the index's chunks. A question of stop words alone keeps them."""
    every = tuple(terms(text))
    held = list(dict.fromkeys(content_terms(text))) or list(dict.fromkeys(every))
    counts, chunks = frequencies(held)
    raw = [math.log1p((chunks - n + 0.5) / (n + 0.5)) for n in counts]
    whole = sum(raw) or 1.0
    return Asked(every, {term: idf / whole for term, idf in zip(held, raw, strict=True)})


def measure(asked: Asked, hits: Sequence[Hit]) -> Floats:
    """FEATURES of each hit (n x features)."""
    pairs = asked.pairs()
    words = [_words(asked, pairs, hit.chunk) for hit in hits]
    before = list(minmax({hit.chunk.id: hit.score for hit in hits}).values())
    return np.column_stack([before, np.array(words)]) if hits else np.zeros((0, len(FEATURES)))


def _words(asked: Asked, pairs: Mapping[tuple[str, str], float], chunk: Chunk) -> list[float]:
    title = chunk.title.replace("_", " ")
    heads = terms("\n".join((title, *chunk.headings)))
    sentences = [terms(chunk.text[start:end]) for start, end in sentence_spans(chunk.text)]
    text = [term for sentence in sentences for term in sentence]
    held = frozenset((*heads, *text))
    adjoining = frozenset((*pairwise(heads), *pairwise(text)))
    named = frozenset(heads) & asked.weights.keys()
    return [
        asked.covered(held),
        max((asked.covered(frozenset(sentence)) for sentence in sentences), default=0.0),
        nearness(asked, text),
        sum(weight for pair, weight in pairs.items() if pair in adjoining),
        asked.covered(frozenset(heads)),
        len(named) / len(set(heads)) if heads else 0.0,
    ]


def nearness(asked: Asked, text: Sequence[str]) -> float:
    """The weight of the question's terms that occur, over how thinly they are spread in the smallest span with all."""
    places = [(i, term) for i, term in enumerate(text) if term in asked.weights]
    wanted = len({term for _, term in places})
    if not wanted:
        return 0.0
    inside: dict[str, int] = {}
    first, smallest = 0, len(text)
    for end, term in places:
        inside[term] = inside.get(term, 0) + 1
        while len(inside) == wanted:
            start, leaving = places[first]
            smallest = min(smallest, end - start + 1)
            inside[leaving] -= 1
            if not inside[leaving]:
                del inside[leaving]
            first += 1
    share = asked.covered(frozenset(term for _, term in places))
    return share * math.sqrt(wanted / smallest)
