"""Asks one engine in two ways at once and makes one list of what comes. Knows no engine's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from surefoot.core.errors import SurefootError
from surefoot.core.parallel import pmap
from surefoot.retrieve.engines.results import Result
from surefoot.retrieve.fuse import Ranked, best_first, fuse

Said = tuple[list[Result], list[str]]
Sides = dict[str, Callable[[], Said]]
"""By name, what asks one way: it gives results, best first, and notes on what is missing."""


@dataclass(frozen=True, slots=True)
class Joined:
    """One list, and what was left out on the way."""

    results: tuple[Result, ...]
    notes: tuple[str, ...]


def joined(sides: Sides, share: float, limit: int) -> Joined:
    """What all sides found, fused, `share` being that of `vector`; a side that fails is left out with a note.

    Raises:
        SurefootError: every side failed.
    """
    heard: dict[str, Said] = {}
    problems: list[SurefootError] = []
    notes: list[str] = []
    for side, said in pmap(
        lambda side: (side, _tried(sides[side])), list(sides), workers=len(sides)
    ):
        if isinstance(said, SurefootError):
            problems.append(said)
            notes.append(f"the {side} search was left out: {said}")
        else:
            heard[side] = said
            notes += said[1]
    if not heard:
        raise problems[0]
    lists = {side: results for side, (results, _) in heard.items()}
    return Joined(_fused(lists, share)[:limit], tuple(dict.fromkeys(notes)))


def _tried(ask: Callable[[], Said]) -> Said | SurefootError:
    try:
        return ask()
    except SurefootError as problem:
        return problem


def _fused(lists: Mapping[str, Sequence[Result]], share: float) -> tuple[Result, ...]:
    if len(lists) == 1:
        return tuple(*lists.values())
    found: dict[str, Result] = {}
    ranked = []
    for side, results in lists.items():
        named = {result.id or result.url or result.text: result for result in results}
        for name, result in named.items():
            before = found.get(name)
            signals = {**before.signals, **result.signals} if before else result.signals
            found[name] = replace(before or result, signals=signals)
        scores = {
            name: 1 / place if result.score is None else result.score
            for place, (name, result) in enumerate(named.items(), 1)
        }
        ranked.append(Ranked(scores, share if side == "vector" else 1 - share))
    fused = fuse(ranked, "minmax")
    return tuple(replace(found[name], score=fused[name]) for name in best_first(fused))
