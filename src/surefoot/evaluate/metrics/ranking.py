"""How well a question's hits rank. Knows rankings and gold; averages and intervals are made elsewhere.

Here retrieval is judged by document, in `spans` by character: a document ranks where its first chunk stands. nDCG
follows trec_eval: gain = grade, discount = log2(rank + 1), ideal over all judged documents. Only questions with a
relevant document count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

from surefoot.core.types import Hit


def ranked_documents(hits: Sequence[Hit]) -> list[str]:
    """Document ids in the order of their first chunk; the order of the hits is the ranking."""
    return list(dict.fromkeys(hit.chunk.document_id for hit in hits))


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """Normalised discounted cumulative gain of the first `k`; 0 where nothing is relevant."""
    ideal = _dcg(sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k])
    return _dcg([max(0, grades.get(name, 0)) for name in ranking[:k]]) / ideal if ideal else 0.0


def recall(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """The share of the relevant documents among the first `k`."""
    relevant = _relevant(grades)
    return len(relevant.intersection(ranking[:k])) / len(relevant) if relevant else 0.0


def precision(ranking: Sequence[str], grades: Mapping[str, int], k: int = 5) -> float:
    """The share of relevant documents among the first `k`, or among all where fewer were found."""
    relevant = _relevant(grades)
    first = ranking[:k]
    return len(relevant.intersection(first)) / len(first) if first else 0.0


def reciprocal_rank(ranking: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """One over the rank of the first relevant document; 0 where none is among the first `k`."""
    relevant = _relevant(grades)
    return next((1 / rank for rank, name in enumerate(ranking[:k], 1) if name in relevant), 0.0)


def all_evidence(ranking: Sequence[str], grades: Mapping[str, int], k: int = 5) -> float:
    """1 where every relevant document is among the first `k`, else 0."""
    relevant = _relevant(grades)
    return float(bool(relevant) and relevant <= set(ranking[:k]))


def _relevant(grades: Mapping[str, int]) -> set[str]:
    return {name for name, grade in grades.items() if grade > 0}


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))
