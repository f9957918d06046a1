"""Rows in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from surefoot.tune.rows import ChatRow, PairRow


@dataclass(frozen=True, slots=True)
class Summary:
    """How many rows there are of each split, language and generator, and how long they are in tokens."""

    rows: int
    counts: Mapping[str, Mapping[str, int]]
    tokens_p50: int = 0
    tokens_p95: int = 0
    tokens: int = 0


def summarise(rows: Sequence[ChatRow | PairRow], tokens: Mapping[str, int]) -> Summary:
    """The rows in numbers; `tokens` is by row id."""
    lengths = sorted(tokens[row.id] for row in rows)
    return Summary(
        len(rows),
        {
            "split": _counted([row.split for row in rows]),
            "language": _counted([row.lang for row in rows]),
            "generator": _counted([row.origin.generator for row in rows]),
        },
        _quantile(lengths, 0.5),
        _quantile(lengths, 0.95),
        sum(lengths),
    )


def _counted(values: Sequence[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))


def _quantile(lengths: Sequence[int], share: float) -> int:
    return lengths[min(len(lengths) - 1, round(share * (len(lengths) - 1)))] if lengths else 0
