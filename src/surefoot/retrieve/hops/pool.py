"""Hits with scores that stages raise, and the chunks they add. Knows hits and numbers only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from surefoot.core.types import Chunk, Hit
from surefoot.retrieve.fuse import best_first, minmax


class Pool:
    """The hits of a turn on a scale of 0 to 1, to which others are added. `by` names the stage that adds."""

    def __init__(self, hits: Sequence[Hit], by: str) -> None:
        self._by = by
        self._hits = {hit.chunk.id: hit for hit in hits}
        self.scores = minmax({hit.chunk.id: hit.score for hit in hits})

    def __len__(self) -> int:
        return len(self._hits)

    def gain(self, chunk_id: str, score: float, signals: Mapping[str, float]) -> None:
        """Adds to the score of a hit and says why."""
        self._sign(chunk_id, signals)
        self.scores[chunk_id] += score

    def reach(self, chunk: Chunk, score: float, signals: Mapping[str, float]) -> bool:
        """Gives a chunk at least this score; false when it has that already."""
        if self.scores.get(chunk.id, -1.0) >= score:
            return False
        self._hits.setdefault(chunk.id, Hit(chunk, score, self._by))
        self._sign(chunk.id, signals)
        self.scores[chunk.id] = score
        return True

    def best(self, keep: int) -> tuple[Hit, ...]:
        """The hits in their new order, each with its score in the pool."""
        names = best_first(self.scores)[:keep]
        return tuple(replace(self._hits[name], score=self.scores[name]) for name in names)

    def of_documents(self, document_ids: Iterable[str]) -> dict[str, Chunk]:
        """The best chunk of each of these documents that has one here."""
        wanted, found = set(document_ids), dict[str, Chunk]()
        for name in best_first(self.scores):
            chunk = self._hits[name].chunk
            if chunk.document_id in wanted:
                found.setdefault(chunk.document_id, chunk)
        return found

    def _sign(self, chunk_id: str, signals: Mapping[str, float]) -> None:
        hit = self._hits[chunk_id]
        self._hits[chunk_id] = replace(hit, signals={**hit.signals, **signals})
