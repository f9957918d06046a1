"""Joins constraints to a filter and gives them up one by one where nothing is left. Knows filters, and how to count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from surefoot.core.filters import Compound, Filter
from surefoot.retrieve.filters.time_keys import all_of

Count = Callable[[Filter | None], int]


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a part of the question asks for: the filter, then wider ones that it may be relaxed to."""

    said: str
    levels: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The filter that is left, what was inferred of it, and what was given up for it, in words."""

    filter: Filter | None
    inferred: Filter | None
    steps: tuple[str, ...] = ()


def narrowed(
    given: Filter | None, constraints: Sequence[Constraint], count: Count, least: int = 1
) -> Narrowed:
    """The given filter and all constraints; where under `least` passages are left, with as few given up as can be.

    Of two ways that give up as much, the one that gives up later constraints is taken.
    The given filter itself is never widened.
    """
    for levels in _by_loss(constraints):
        inferred = all_of(_at(constraints, levels))
        whole = all_of([given, inferred])
        if inferred is None or count(whole) >= least:
            return Narrowed(whole, inferred, tuple(_steps(constraints, levels)))
    return Narrowed(given, None)


def in_words(filter: Filter) -> str:
    """A filter as a person reads it."""
    if isinstance(filter, Compound):
        parts = [
            f"({in_words(part)})" if isinstance(part, Compound) else in_words(part)
            for part in filter.filters
        ]
        return f" {filter.type} ".join(parts)
    signs = {"eq": "=", "ne": "!=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "nin": "not in"}
    value = ", ".join(map(str, filter.value)) if isinstance(filter.value, tuple) else filter.value
    return f"{filter.key} {signs.get(filter.type, filter.type)} {value}"


def _by_loss(constraints: Sequence[Constraint]) -> Iterator[tuple[int, ...]]:
    """Every choice of levels, the ones that lose least first; the level after the last is none at all."""
    choices = product(*(range(len(constraint.levels) + 1) for constraint in constraints))
    yield from sorted(choices, key=lambda levels: (_lost(constraints, levels), sum(levels), levels))


def _lost(constraints: Sequence[Constraint], levels: Sequence[int]) -> int:
    return sum(
        level == len(constraint.levels)
        for constraint, level in zip(constraints, levels, strict=True)
    )


def _at(constraints: Sequence[Constraint], levels: Sequence[int]) -> list[Filter]:
    return [
        constraint.levels[level]
        for constraint, level in zip(constraints, levels, strict=True)
        if level < len(constraint.levels)
    ]


def _steps(constraints: Sequence[Constraint], levels: Sequence[int]) -> Iterator[str]:
    for constraint, level in zip(constraints, levels, strict=True):
        for step in range(level):
            lost = in_words(constraint.levels[step])
            if step + 1 < len(constraint.levels):
                wider = in_words(constraint.levels[step + 1])
                yield f"nothing is left with {lost}: relaxed to {wider}"
            else:
                yield f"nothing is left with {lost}: left out"
