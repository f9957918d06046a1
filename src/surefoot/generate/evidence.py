"""What the hits say about a question: their quotable units, each scored by how likely it holds the answer.

Few units are embedded: the most promising by words alone, in one batch. Knows nothing of answers or refusals.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from surefoot.core.lang import content_terms, fold, terms
from surefoot.core.lang.stopwords import STOP_WORDS
from surefoot.core.rarity import chunks_for_rarity
from surefoot.generate.coefficients import coefficients
from surefoot.generate.questions import WANTS, Want, offered, wanted
from surefoot.generate.sentences import Limits, Unit, units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surefoot.core.roles import Encoder
    from surefoot.core.types import Hit

    Floats = NDArray[np.float64]

Frequencies = Callable[[Sequence[str]], tuple[list[int], int]]

_HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
FEATURES = (
    "cosine",
    "context",
    "relative",
    "rank",
    "coverage",
    *(f"offers_{want}" for want in WANTS),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How much is read: units of the best `hits`, of which at most `candidates` are embedded."""

    hits: int
    candidates: int
    limits: Limits


READING: Final = Reading(hits=6, candidates=16, limits=Limits(max_words=60, max_chars=120))


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its content terms, their idf over the corpus, and what it asks for.

    `words` are its units of meaning, each as the terms that show it: a stem in English, in Chinese a character by
    the two pairs it stands in. They weigh as their most frequent term, so that pairs across words count little.
    """

    text: str
    terms: tuple[str, ...]
    idf: Floats
    wants: frozenset[Want]
    words: tuple[tuple[str, ...], ...]

    def coverage(self, found: frozenset[str]) -> float:
        """The idf-weighted share of the question's terms that are found (0 to 1)."""
        pairs = zip(self.terms, self.idf, strict=True)
        return _part(sum(w for t, w in pairs if t in found), self.idf.sum())

    def words_covered(self, found: frozenset[str]) -> float:
        """The weighted share of the question's words that are found (0 to 1): the same scale in both languages."""
        idf = dict(zip(self.terms, self.idf, strict=True))
        weighed = [(word, min(idf[term] for term in word)) for word in self.words]
        held = sum(w for word, w in weighed if not found.isdisjoint(word))
        return _part(held, sum(w for _, w in weighed))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit of the hit at `rank`; `cosine` is to the question.

    `likelihood` is how likely this unit is to hold the answer if one of the candidates does: they sum to 1.
    """

    hit: Hit
    rank: int
    unit: Unit
    cosine: float
    likelihood: float
    terms: frozenset[str]

    @property
    def text(self) -> str:
        """The unit's words, verbatim."""
        return self.hit.chunk.text[self.unit.start : self.unit.end]

    @property
    def span(self) -> tuple[int, int]:
        """The unit's span in the document."""
        at = self.hit.chunk.start
        return at + self.unit.start, at + self.unit.end


@dataclass(frozen=True, slots=True)
class Evidence:
    """The question and its candidates, best first."""

    question: Question
    candidates: tuple[Candidate, ...]


def ask(text: str, frequencies: Frequencies) -> Question:
    """Reads a question; idf is that of BM25 over the index's chunks, over some fifty where it has fewer."""
    found = tuple(dict.fromkeys(content_terms(text)))
    counts, known = frequencies(found)
    chunks = chunks_for_rarity(known)
    idf = np.array([math.log1p((chunks - n + 0.5) / (n + 0.5)) for n in counts], np.float64)
    words = tuple(dict.fromkeys(_words(text, frozenset(found))))
    return Question(text, found, idf, wanted(text), words)


def _words(text: str, known: frozenset[str]) -> Iterator[tuple[str, ...]]:
    plain = fold(text)
    for run in _HAN_RUN.findall(plain):
        for place, char in enumerate(run):
            around = (run[max(0, place - 1) : place + 1], run[place : place + 2])
            pairs = tuple(dict.fromkeys(pair for pair in around if pair in known))
            if pairs and char not in STOP_WORDS:
                yield pairs
    for term in terms(_HAN_RUN.sub(" ", plain)):
        if term in known:
            yield (term,)


def _part(some: float, whole: float) -> float:
    return float(some / whole) if whole else 0.0


def gather(question: Question, hits: Sequence[Hit], encoder: Encoder, reading: Reading) -> Evidence:
    """Reads the hits and scores what can be quoted of them."""
    drafts, features, cosines = measure(question, hits, encoder, reading)
    if not drafts:
        return Evidence(question, ())
    scores = features @ weights()
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    found = [
        Candidate(
            drafts[i].hit,
            drafts[i].rank,
            drafts[i].unit,
            float(cosines[i]),
            float(shares[i]),
            drafts[i].terms,
        )
        for i in np.argsort(-scores, kind="stable")
    ]
    return Evidence(question, tuple(found))


def measure(
    question: Question, hits: Sequence[Hit], encoder: Encoder, reading: Reading
) -> tuple[list[Draft], Floats, Floats]:
    """The most promising units in the hits' order, their FEATURES (n x features) and their cosines to the question.

    The feature `cosine` counts standard deviations among these units, so that an encoder's habit does not matter.
    """
    drafts = _drafts(hits[: reading.hits], reading.limits)
    if not drafts:
        return [], np.zeros((0, len(FEATURES))), np.zeros(0)
    features = _word_features(question, drafts)
    kept = _promising(features, reading.candidates)
    drafts, features = [drafts[i] for i in kept], features[kept]
    asked = encoder.embed_queries([question.text])[0]
    passages = encoder.embed_passages([_as_embedded(draft) for draft in drafts])
    cosines = (passages @ asked).astype(np.float64)
    features[:, 0] = (cosines - cosines.mean()) / (float(cosines.std()) or 1.0)
    return drafts, features, cosines


def weights() -> Floats:
    """The learnt weight of each of FEATURES."""
    learnt = coefficients()["sentence"]
    return np.array([learnt[name] for name in FEATURES], np.float64)


@dataclass(frozen=True, slots=True)
class Draft:
    """A unit with its terms; `around` adds those of its neighbours, `share` is its hit's score over the best one."""

    hit: Hit
    rank: int
    unit: Unit
    text: str
    terms: frozenset[str]
    around: frozenset[str]
    share: float


def _drafts(hits: Sequence[Hit], limits: Limits) -> list[Draft]:
    """The units of the hits in order; what overlaps a unit of a better hit is left out."""
    drafts: list[Draft] = []
    taken: dict[str, list[tuple[int, int]]] = {}
    for rank, hit in enumerate(hits):
        text, at = hit.chunk.text, hit.chunk.start
        spans = taken.setdefault(hit.chunk.document_id, [])
        fresh = [
            unit
            for unit in units(text, limits)
            if not any(at + unit.start < end and start < at + unit.end for start, end in spans)
        ]
        spans += [(at + unit.start, at + unit.end) for unit in fresh]
        found = [frozenset(terms(text[unit.start : unit.end])) for unit in fresh]
        share = _share(hit.score, hits[0].score, rank)
        for place, unit in enumerate(fresh):
            around = frozenset().union(*found[max(0, place - 1) : place + 2])
            drafts.append(
                Draft(hit, rank, unit, text[unit.start : unit.end], found[place], around, share)
            )
    return drafts


def _share(score: float, best: float, rank: int) -> float:
    return min(1.0, max(0.0, score / best)) if best > 0 else 1 / (rank + 1)


def _word_features(question: Question, drafts: Sequence[Draft]) -> Floats:
    """FEATURES of each draft (n x features), the cosine still 0."""
    local = _local_weights(question, drafts)
    rows = []
    for draft in drafts:
        offers = offered(draft.text, question.text, question.wants)
        rows.append(
            [
                0.0,
                question.coverage(draft.around),
                draft.share,
                1 / (draft.rank + 1),
                sum(local.get(term, 0.0) for term in draft.terms),
                *(float(want in offers) for want in WANTS),
            ]
        )
    return np.array(rows, np.float64)


def _local_weights(question: Question, drafts: Sequence[Draft]) -> dict[str, float]:
    """Weights that sum to 1 of the terms that occur: rare among these units weighs more, whatever the corpus."""
    counts = {term: sum(term in draft.terms for draft in drafts) for term in question.terms}
    raw = {term: math.log1p((len(drafts) - n + 0.5) / (n + 0.5)) for term, n in counts.items() if n}
    total = sum(raw.values()) or 1.0
    return {term: weight / total for term, weight in raw.items()}


def _promising(features: Floats, count: int) -> list[int]:
    """The rows with the most words and the best hits, in their order."""
    promise = features[:, 1] + features[:, 2] + features[:, 4] + 0.1 * features[:, 5:].max(axis=1)
    return sorted(np.argsort(-promise, kind="stable")[:count].tolist())


def _as_embedded(draft: Draft) -> str:
    head = draft.unit.header or (draft.hit.chunk.lead if draft.unit.kind == "row" else "")
    return f"{head}\n{draft.text}" if head else draft.text
