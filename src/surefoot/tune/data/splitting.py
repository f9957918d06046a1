"""Divides rows into those to learn from and those to stop by, never within a document."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from surefoot.core.digest import digest_json
from surefoot.core.lang.likeness import plain_words
from surefoot.tune.checks import asked_of
from surefoot.tune.rows import ChatRow, PairRow

Row = ChatRow | PairRow
R = TypeVar("R", ChatRow, PairRow, ChatRow | PairRow)
_MOST: Final = 0.5


def divide(
    rows: Sequence[R], dev: float, *, seed: int = 0, kept: frozenset[str] = frozenset()
) -> tuple[list[R], tuple[str, ...]]:
    """The rows with their splits, and what there is to say; the same rows, share and seed give the same.

    Rows hang together that name one cluster or document, or ask the same. Rows whose ids are in `kept` keep the split
    they have, and draw what hangs together with them to it.
    """
    groups = _groups(rows)
    big = max((len(group) for group in groups), default=0)
    notes: tuple[str, ...] = ()
    if dev and rows and big > _MOST * len(rows) and not kept:
        notes = (f"{big} of {len(rows)} rows are of one document, so rows were divided singly",)
        groups = _groups(rows, whole=False)
    wanted = round(dev * len(rows)) if not kept else 0
    names = _dev_names(groups, wanted, seed, kept)
    found = sum(row.id in names for row in rows)
    if wanted and not found:
        notes = (*notes, "no row is left for dev: so few hang together in so few groups")
    return [
        row.model_copy(update={"split": "dev" if row.id in names else "train"}) for row in rows
    ], notes


def _dev_names(
    groups: Sequence[Sequence[Row]], wanted: int, seed: int, kept: frozenset[str]
) -> set[str]:
    """The ids of the rows for dev: whole groups in drawn order, as long as there is room."""
    names: set[str] = set()
    room = wanted
    order = sorted(groups, key=lambda group: digest_json([seed, min(row.id for row in group)]))
    for group in order:
        own = Counter(row.split for row in group if row.id in kept)
        if own["dev"] > own["train"] or (not own and 0 < len(group) <= room):
            names |= {row.id for row in group}
            room -= len(group)
    return names


def _groups(rows: Sequence[Row], *, whole: bool = True) -> list[list[Row]]:
    roots = list(range(len(rows)))

    def root(place: int) -> int:
        while roots[place] != place:
            roots[place] = roots[roots[place]]
            place = roots[place]
        return place

    holders: dict[tuple[str, str], int] = {}
    for place, row in enumerate(rows):
        for mark in _marks(row, whole=whole):
            a, b = sorted((root(holders.setdefault(mark, place)), root(place)))
            roots[b] = a
    groups: defaultdict[int, list[Row]] = defaultdict(list)
    for place, row in enumerate(rows):
        groups[root(place)].append(row)
    return list(groups.values())


def _marks(row: Row, *, whole: bool) -> Iterator[tuple[str, str]]:
    yield "asked", plain_words(asked_of(row))
    if row.origin.cluster:
        yield "cluster", row.origin.cluster
    if whole and row.origin.document:
        yield "cluster", row.origin.document
