"""In which order questions are asked, so that the first few stand for all. Knows no solution and no score."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from surefoot.core.types import EvalCase


def asking_order(cases: Sequence[EvalCase], *, seed: int = 0) -> tuple[str, ...]:
    """The ids, every language and both kinds (answerable or not) in proportion, one question a cluster in turn.

    The place of a question depends on its id and the seed, not on the order of the file.
    """
    strata: dict[tuple[str, bool], list[EvalCase]] = defaultdict(list)
    for case in sorted(cases, key=lambda case: _drawn(case.id, seed)):
        strata[case.lang, case.answerable].append(case)
    placed: list[tuple[float, str, str]] = []
    for stratum in strata.values():
        ordered = _clusters_in_turn(stratum)
        placed += [
            ((place + 0.5) / len(ordered), _drawn(name, seed), name)
            for place, name in enumerate(ordered)
        ]
    return tuple(name for _, _, name in sorted(placed))


def _clusters_in_turn(cases: Sequence[EvalCase]) -> list[str]:
    seen: dict[str, int] = defaultdict(int)
    turns: list[tuple[int, int, str]] = []
    for place, case in enumerate(cases):
        cluster = case.cluster or case.id
        turns.append((seen[cluster], place, case.id))
        seen[cluster] += 1
    return [name for _, _, name in sorted(turns)]


def _drawn(name: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()
