"""Joins the hits of several questions into one list in which each has its share. Knows hits and ranks, no texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from surefoot.core.types import Hit
from surefoot.retrieve.fuse import Ranked, best_first, fuse


@dataclass(frozen=True, slots=True)
class Asked:
    """The hits of one question, best first, what they weigh, and how signals call it."""

    name: str
    hits: tuple[Hit, ...]
    weight: float = 1.0


def fair(lists: Sequence[Asked], *, first: int, keep: int, by: str) -> tuple[Hit, ...]:
    """The best `keep` by fused score, with the best of each list among the first `first` (the earlier lists before).

    The signal `NAME_rank` says which place a hit had among those of each question.
    """
    whole = sum(one.weight for one in lists if one.hits) or 1.0
    ranked = (
        Ranked({hit.chunk.id: hit.score for hit in one.hits}, one.weight / whole) for one in lists
    )
    fused = fuse(ranked, "minmax")
    order = best_first(fused)
    promised = list(dict.fromkeys(one.hits[0].chunk.id for one in lists if one.hits))[:first]
    others = [name for name in order if name not in promised]
    top = {*promised, *others[: first - len(promised)]}
    names = [
        *(name for name in order if name in top),
        *(name for name in order if name not in top),
    ]
    found = _found(lists)
    return tuple(
        replace(found[name], score=score, by=by)
        for name, score in zip(
            names[:keep], _falling([fused[name] for name in names]), strict=False
        )
    )


def _found(lists: Sequence[Asked]) -> dict[str, Hit]:
    """Each hit once, as the first list has it, with its places in all of them."""
    found: dict[str, Hit] = {}
    for one in lists:
        for rank, hit in enumerate(one.hits, start=1):
            known = found.get(hit.chunk.id, hit)
            signals = {**known.signals, f"{one.name}_rank": float(rank)}
            found[hit.chunk.id] = replace(known, signals=signals)
    return found


def _falling(scores: Sequence[float]) -> list[float]:
    """Scores that never rise with the place, so that what is put first also scores first."""
    found, least = [], 0.0
    for score in reversed(scores):
        least = max(least, score)
        found.append(least)
    return found[::-1]
