"""Splits an eval set into dev and holdout so that nothing that hangs together stands on both sides."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from surefoot.core.errors import ConfigError
from surefoot.core.lang.likeness import near_copies
from surefoot.core.types import EvalCase, EvalSet, Split

_SIDES: tuple[Split, Split] = ("dev", "holdout")
_OFF = 0.1  # how far the holdout's share may be from what was asked before it is said


def split(evalset: EvalSet, holdout: float = 0.5, seed: int = 0) -> EvalSet:
    """Gives each case without a split one: whole clusters, languages and answerability balanced.

    What hangs together (`hanging_together`) goes to one side. Cases that have a split keep it, and new ones join the
    side of their cluster, so that a holdout stays one when questions are added. The same set, share and seed give the
    same split.

    Raises:
        ConfigError: so much hangs together that one side would stay nearly empty.
    """
    if not 0 < holdout < 1:
        raise ConfigError(f"holdout {holdout} must lie between 0 and 1", hint="try 0.5")
    groups = _groups(evalset)
    _check_sizes(groups, evalset, holdout)
    sides = _sides(groups, holdout, seed)
    cases = tuple(
        case if case.split else replace(case, split=sides[case.id]) for case in evalset.cases
    )
    return replace(evalset, cases=cases)


def unsplit(evalset: EvalSet) -> EvalSet:
    """The set without its split."""
    return replace(evalset, cases=tuple(replace(case, split="") for case in evalset.cases))


def split_notes(evalset: EvalSet, holdout: float = 0.5) -> list[str]:
    """In words, what is not as it should be in the split that the set has."""
    notes: list[str] = []
    counts = Counter(case.split for case in evalset.cases)
    if counts[""]:
        notes.append(f"{counts['']} questions have no split")
    share = counts["holdout"] / len(evalset.cases)
    if abs(share - holdout) > _OFF:
        notes.append(f"the holdout has {share:.0%} of the questions, not {holdout:.0%}")
    torn = torn_clusters(evalset)
    if torn:
        notes.append(
            f"{len(torn)} clusters stand on both sides, so that dev tells of the holdout:"
            f" {', '.join(sorted(torn)[:5])}"
        )
    return notes


def torn_clusters(evalset: EvalSet) -> dict[str, tuple[str, ...]]:
    """The case ids of each group that hangs together and stands in dev and in holdout."""
    found = {}
    for name, cases in _groups(evalset).items():
        if {case.split for case in cases} >= set(_SIDES):
            found[name] = tuple(case.id for case in cases)
    return found


def hanging_together(evalset: EvalSet) -> dict[str, str]:
    """For each case id the name of its group, the first case in it.

    Cases hang together that name one cluster, share a relevant document or nearly copy each other's question; so does
    what hangs together with the same third.
    """
    cases = evalset.cases
    roots = list(range(len(cases)))

    def root(place: int) -> int:
        while roots[place] != place:
            roots[place] = roots[roots[place]]
            place = roots[place]
        return place

    def join(first: int, second: int) -> None:
        a, b = sorted((root(first), root(second)))
        roots[b] = a

    holders: dict[tuple[str, str], int] = {}
    for place, case in enumerate(cases):
        for mark in _marks(case):
            join(holders.setdefault(mark, place), place)
    for first, second, _ in near_copies([case.question for case in cases]):
        join(first, second)
    return {case.id: cases[root(place)].id for place, case in enumerate(cases)}


def _marks(case: EvalCase) -> set[tuple[str, str]]:
    marks = {("document", name) for name, grade in case.relevant.items() if grade > 0}
    return marks | ({("cluster", case.cluster)} if case.cluster else set())


def _groups(evalset: EvalSet) -> dict[str, list[EvalCase]]:
    names = hanging_together(evalset)
    groups: defaultdict[str, list[EvalCase]] = defaultdict(list)
    for case in evalset.cases:
        groups[names[case.id]].append(case)
    return dict(groups)


def _check_sizes(
    groups: Mapping[str, Sequence[EvalCase]], evalset: EvalSet, holdout: float
) -> None:
    biggest = max(groups.values(), key=len)
    n = len(evalset.cases)
    if len(biggest) > max(holdout, 1 - holdout) * n * (1 + _OFF) or len(groups) < 2:
        raise ConfigError(
            f"{len(biggest)} of {n} questions hang together by documents that they share"
            f" (with {biggest[0].id}), so that they cannot be split",
            where=evalset.name,
            hint="leave out questions over many documents, or add questions on others",
        )


def _sides(groups: Mapping[str, Sequence[EvalCase]], holdout: float, seed: int) -> dict[str, Split]:
    """Groups that have a side keep it; then the biggest first, each where it leaves the strata best balanced."""
    totals = Counter(_stratum(case) for cases in groups.values() for case in cases)
    shares = dict(zip(_SIDES, (1 - holdout, holdout), strict=True))
    held: dict[str, Counter[tuple[str, bool]]] = {side: Counter() for side in _SIDES}
    sides: dict[str, Split] = {}

    def put(cases: Sequence[EvalCase], side: Split) -> None:
        for case in cases:
            held[case.split or side][_stratum(case)] += 1
            sides[case.id] = side

    def lack(cases: Sequence[EvalCase], side: Split) -> float:
        """How much less full the side is than it should be once these are in it; over all and by stratum."""
        own = Counter(_stratum(case) for case in cases)
        wanted = shares[side] * sum(totals.values())
        gain = (wanted - held[side].total() - len(cases) / 2) * len(cases) / shares[side]
        for stratum, n in own.items():
            room = shares[side] * totals[stratum] - held[side][stratum] - n / 2
            gain += room * n / shares[side]
        return gain

    open_groups = []
    for name in sorted(groups):
        former = Counter[str](case.split for case in groups[name] if case.split)
        if former:
            put(groups[name], max(_SIDES, key=lambda side: (former[side], side)))
        else:
            open_groups.append(groups[name])
    random.Random(seed).shuffle(open_groups)
    for cases in sorted(open_groups, key=len, reverse=True):
        put(cases, max(_SIDES, key=lambda side: lack(cases, side)))
    return sides


def _stratum(case: EvalCase) -> tuple[str, bool]:
    return case.lang, case.answerable
