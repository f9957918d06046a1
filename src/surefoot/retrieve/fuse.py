"""Fuses ranked lists into one. Knows ids and numbers only: no texts, no searches.

Every list is put on a scale of its own first, because scores of different searches do not compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import sqrt
from statistics import fmean
from typing import Literal

Fusion = Literal["minmax", "zscore", "rrf"]
RRF_K = 60


@dataclass(frozen=True, slots=True)
class Ranked:
    """What one search found: id to raw score, higher is better, and the share it has in the fused score.

    `others` are raw scores of ids that the list is too short to hold; they do not change its scale.
    """

    scores: Mapping[str, float]
    weight: float = 1.0
    others: Mapping[str, float] = field(default_factory=dict)


def fuse(lists: Iterable[Ranked], how: Fusion) -> dict[str, float]:
    """The weighted sum of the scaled lists; an id whose score a list does not know gets nothing from it."""
    scale = _SCALES[how]
    fused: dict[str, float] = {}
    for ranked in lists:
        for key, value in {**_beyond(ranked, how), **scale(ranked.scores)}.items():
            fused[key] = fused.get(key, 0.0) + ranked.weight * value
    return fused


def best_first(scores: Mapping[str, float]) -> list[str]:
    """Ids by falling score; equal scores by id, so that the order never depends on chance."""
    return sorted(scores, key=lambda key: (-scores[key], key))


def minmax(scores: Mapping[str, float]) -> dict[str, float]:
    """The best gets 1, the last of the list 0; a list of equal scores gets 1 throughout."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    if high == low:
        return dict.fromkeys(scores, 1.0)
    return {key: (value - low) / (high - low) for key, value in scores.items()}


def zscore(scores: Mapping[str, float]) -> dict[str, float]:
    """Standard deviations above the last of the list."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    middle = fmean(scores.values())
    spread = sqrt(fmean((value - middle) ** 2 for value in scores.values()))
    if high == low or not spread:  # the squares of tiny differences may vanish
        return dict.fromkeys(scores, 1.0)
    return {key: (value - low) / spread for key, value in scores.items()}


def rrf(scores: Mapping[str, float]) -> dict[str, float]:
    """Reciprocal rank, `1 / (60 + rank)`: the raw scores only give the order."""
    return {key: 1.0 / (RRF_K + rank) for rank, key in enumerate(best_first(scores), start=1)}


def _beyond(ranked: Ranked, how: Fusion) -> dict[str, float]:
    """The others on the list's scale, below its last; ranks say nothing of them."""
    if how == "rrf" or not ranked.scores:
        return {}
    values = ranked.scores.values()
    low, scaled = min(values), _SCALES[how](ranked.scores)
    span = (max(values) - low) / max(scaled.values()) if max(values) > low else 0.0
    return {
        key: min(0.0, (value - low) / span) if span else 0.0 for key, value in ranked.others.items()
    }


_SCALES: Mapping[Fusion, Callable[[Mapping[str, float]], dict[str, float]]] = {
    "minmax": minmax,
    "zscore": zscore,
    "rrf": rrf,
}
