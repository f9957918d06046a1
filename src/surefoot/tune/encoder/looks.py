"""How well questions find their passages among others, question by question. Knows vectors or scores, no network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from surefoot.config.base import Settings
from surefoot.core.errors import DataError
from surefoot.tune.rows import PairRow

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors

LOOKS = "looks.jsonl"
DEPTH = 10


class Look(Settings):
    """One question before and after training: nDCG@10 among the passages of the rows."""

    id: str
    part: Literal["dev", "general"]
    cluster: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions, the passages that they are ranked among, and which of them answer each."""

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    clusters: tuple[str, ...]
    passages: tuple[str, ...]
    relevant: tuple[frozenset[int], ...]

    def scores(self, asked: Vectors, passages: Vectors) -> list[float]:
        """nDCG@10 of each question, by its vector (n x dimensions) and those of the passages."""
        similar = asked @ passages.T
        return [
            ndcg(row.argsort()[::-1][:DEPTH].tolist(), right)
            for row, right in zip(similar, self.relevant, strict=True)
        ]


def questions_of(rows: Sequence[PairRow], pool: Sequence[str], limit: int | None) -> Questions:
    """The questions of the rows over their own passages and, up to `limit`, those of the pool."""
    own = dict.fromkeys(t for row in rows for t in (row.positive, *row.negatives))
    others = [text for text in dict.fromkeys(pool) if text not in own]
    room = None if limit is None else max(0, limit - len(own))
    passages = (*own, *others[:room])
    places = {text: i for i, text in enumerate(passages)}
    asked: dict[str, list[PairRow]] = {}
    for row in rows:
        asked.setdefault(row.query, []).append(row)
    groups = asked.values()
    return Questions(
        tuple(group[0].id for group in groups),
        tuple(asked),
        tuple(cluster_of(group[0]) for group in groups),
        passages,
        tuple(frozenset(places[row.positive] for row in group) for group in groups),
    )


def cluster_of(row: PairRow) -> str:
    """What a row may not be told apart from: its cluster, its document, or itself."""
    return row.origin.cluster or row.origin.document or row.id


def ndcg(ranking: Sequence[int], relevant: frozenset[int]) -> float:
    """nDCG@10 of places in order, best first."""
    gain = sum(1 / log2(i + 2) for i, place in enumerate(ranking[:DEPTH]) if place in relevant)
    best = sum(1 / log2(i + 2) for i in range(min(DEPTH, len(relevant))))
    return gain / best


def mean(scores: Sequence[float]) -> float:
    """The mean; 0 where there is none."""
    return sum(scores) / len(scores) if scores else 0.0


def write_looks(folder: Path, looks: Sequence[Look]) -> None:
    """Writes one line a question."""
    text = "".join(f"{look.model_dump_json()}\n" for look in looks)
    (folder / LOOKS).write_text(text, encoding="utf-8")


def read_looks(folder: Path) -> list[Look]:
    """What `write_looks` wrote; empty where training had no dev rows.

    Raises:
        DataError: the file cannot be read.
    """
    file = folder / LOOKS
    if not file.is_file():
        return []
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        return [Look.model_validate(json.loads(line)) for line in lines]
    except ValueError as problem:
        raise DataError(f"cannot be read: {problem}", where=str(file)) from None
