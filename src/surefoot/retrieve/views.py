"""Mixes the cosine of a passage with those of its other views. Knows the index, fuses nothing with keywords."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from surefoot.core.errors import TransientError
from surefoot.core.roles import PASSAGE
from surefoot.retrieve.found import Found

if TYPE_CHECKING:
    from surefoot.core.roles import Index, Scope, Vectors

_VIEW = "cosine_"
MIXED = "mixed"
"""The signal that holds the mixed cosine."""


def view_signal(view: str) -> str:
    """The signal that holds how near the nearest text of a view is."""
    return f"{_VIEW}{view}"


@dataclass(frozen=True, slots=True)
class ViewSearch:
    """Where to search, and the share of each view in the score of a chunk; its passage has the rest."""

    index: Index
    shares: Mapping[str, float]
    limit: int
    scope: Scope


def with_views(found: Sequence[Found], search: ViewSearch, *, exact: bool) -> list[Found]:
    """The lists, those of vectors with what is best by passage and views together.

    Every chunk that is near by any of its texts is scored by all of them; for a view that a chunk does
    not have, its passage stands in. `exact` scores the chunks of the other lists too.
    """
    others = {hit.chunk.id for one in found for hit in one.hits} if exact else set()
    made: list[Found] = []
    for one in found:
        if one.side != "vector" or one.problem is not None or one.aim.vector is None:
            made.append(one)
            continue
        try:
            made.append(_mixed(one, one.aim.vector, search, others))
        except TransientError as problem:
            made.append(Found("vector", one.aim, problem=problem))
    return made


def viewed(signals: Collection[Mapping[str, float]]) -> dict[str, float]:
    """The part (0 to 1) of chunks with these signals that was scored by each view beside its passage."""
    names = Counter(name for held in signals for name in held if name.startswith(_VIEW))
    return {name.removeprefix(_VIEW): n / len(signals) for name, n in names.items()}


def _mixed(found: Found, vector: Vectors, search: ViewSearch, others: set[str]) -> Found:
    hits = {hit.chunk.id: hit for hit in found.hits}
    lists: dict[str, dict[str, float]] = {}
    for view in search.shares:
        near = search.index.vector(vector, limit=search.limit, scope=search.scope, view=view)
        lists[view] = {hit.chunk.id: hit.score for hit in near}
        hits = {hit.chunk.id: hit for hit in near} | hits
    if not any(lists.values()) and others <= hits.keys():
        return found
    names = [*hits, *sorted(others.difference(hits))]
    lists[PASSAGE] = {hit.chunk.id: hit.score for hit in found.hits}
    missing = [name for name in names if any(name not in known for known in lists.values())]
    for view, scored in search.index.cosines(vector, missing, list(lists)).items():
        lists[view] = scored | lists[view]
    own = lists.pop(PASSAGE)
    signals = {name: _signals(name, own[name], lists, search.shares) for name in names}
    scores = {name: held[MIXED] for name, held in signals.items()}
    kept = sorted(hits, key=lambda name: (-scores[name], name))[: search.limit]
    return replace(
        found,
        hits=tuple(replace(hits[name], score=scores[name]) for name in kept),
        others=tuple((name, scores[name]) for name in names if name in others.difference(kept)),
        signals=signals,
    )


def _signals(
    name: str,
    own: float,
    lists: Mapping[str, Mapping[str, float]],
    shares: Mapping[str, float],
) -> dict[str, float]:
    signals = {"cosine": own}
    signals |= {view_signal(view): known[name] for view, known in lists.items() if name in known}
    mixed = sum(share * (lists[view].get(name, own) - own) for view, share in shares.items())
    return {**signals, MIXED: own + mixed}
