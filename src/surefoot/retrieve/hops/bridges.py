"""Which names in a passage lead from what a question names to what it asks for. Knows texts and titles, no searches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from surefoot.core.lang import content_terms, is_han
from surefoot.core.lang.entities import entity_units, located_units
from surefoot.core.lang.names import Name, names
from surefoot.core.lang.terms import terms
from surefoot.core.roles import Frequencies
from surefoot.retrieve.hops.directory import Directory, Found

_REACH = 4.0  # units over which nearness falls to a third
_FIRST = 0.1  # what standing first counts beside nearness, which is at most 1
_AKIN = 0.8
_AKIN_LETTERS = 4
_AKIN_REST = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question names (units of each name, documents of that title), its other terms by weight, and the rest."""

    names: tuple[tuple[str, ...], ...]
    documents: frozenset[str]
    terms: Mapping[str, float]
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Bridge:
    """A name that may lead on: how near it stands to what is asked (0 to 1), and the documents it is the title of."""

    name: str
    strength: float
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Spot:
    """A name in a passage as its units from `place` on."""

    name: str
    units: tuple[str, ...]
    place: int
    documents: tuple[str, ...]


def read_question(text: str, directory: Directory, frequencies: Frequencies) -> Wanted:
    """Takes a question apart: its names and titles, and its other terms weighed by how rare they are."""
    titles = directory.find(text)
    spans = [(found.start, found.end) for found in titles]
    spans += [(name.start, name.end) for name in names(text)]
    named = [tuple(entity_units(text[start:end])) for start, end in spans]
    rest = text
    for start, end in spans:
        rest = rest[:start] + " " * (end - start) + rest[end:]
    return Wanted(
        tuple(dict.fromkeys(units for units in named if units)),
        frozenset(document for found in titles for document in found.documents),
        term_weights(content_terms(rest), frequencies),
        " ".join(rest.split()),
    )


def term_weights(found: Iterable[str], frequencies: Frequencies) -> dict[str, float]:
    """Weights that sum to 1: terms that few chunks have weigh more."""
    asked = list(dict.fromkeys(found))
    counts, total = frequencies(asked)
    weights = {t: log(1 + (total + 1) / (n + 1)) for t, n in zip(asked, counts, strict=True)}
    whole = sum(weights.values()) or 1.0
    return {term: weight / whole for term, weight in weights.items()}


def bridges(text: str, wanted: Wanted, directory: Directory) -> list[Bridge]:
    """The names in a text that the question does not have, those that may lead on best first."""
    located = list(located_units(text))
    places = _term_places([unit for unit, _, _ in located], wanted.terms)
    best: dict[tuple[str, ...], Bridge] = {}
    for spot in _spots(text, located, directory):
        if not spot.units or _is_asked(spot.units, wanted):
            continue
        first = _FIRST / (1 + len(best))
        strength = (1 - _FIRST) * _nearness(spot, places) + first
        known = best.get(spot.units)
        if known is None or known.strength < strength:
            best[spot.units] = Bridge(spot.name, strength, spot.documents)
    return sorted(best.values(), key=lambda bridge: (-bridge.strength, bridge.name))


def _spots(
    text: str, located: Sequence[tuple[str, int, int]], directory: Directory
) -> Iterator[_Spot]:
    """Titles first, then names that are none, each in order."""
    taken: list[tuple[int, int]] = []
    spots: list[_Spot] = []
    named_here = names(text)
    for found in directory.find(text):
        if found.units == 1 and any(_within(found, name) for name in named_here):
            continue
        taken.append((found.start, found.end))
        name = text[found.start : found.end]
        spots.append(_Spot(name, tuple(entity_units(name)), found.place, found.documents))
    starts = {start: place for place, (_, start, _) in enumerate(located)}
    for named in named_here:
        if all(named.end <= start or named.start >= end for start, end in taken):
            units = tuple(entity_units(named.text))
            place = starts.get(named.start)
            if place is not None:
                spots.append(_Spot(named.text, units, place, directory.documents(named.text)))
    yield from sorted(spots, key=lambda spot: spot.place)


def _within(found: Found, name: Name) -> bool:
    """Whether a title of one word is but a part of a longer name."""
    inside = name.start <= found.start and found.end <= name.end
    return inside and len(entity_units(name.text)) > 1


def _is_asked(units: tuple[str, ...], wanted: Wanted) -> bool:
    """Whether the question has this name, or one that it is part of."""
    return any(set(units) <= set(name) for name in wanted.names)


def _term_places(
    units: Sequence[str], asked: Mapping[str, float]
) -> dict[str, list[tuple[int, float]]]:
    """Where each term of the question stands in a text, with the weight it has there."""
    places: dict[str, list[tuple[int, float]]] = {}
    for place, unit in enumerate(units):
        if is_han(unit[0]):
            found = unit + units[place + 1] if place + 1 < len(units) else unit
        else:
            found = (terms(unit) or [unit])[0]
        for term, weight in asked.items():
            if likeness := akin(found, term):
                places.setdefault(term, []).append((place, weight * likeness))
    return places


def akin(one: str, other: str) -> float:
    """1 for equal terms, 0.8 for two of one root (director, directed), 0 for others."""
    if one == other:
        return 1.0
    if one[0] != other[0] or is_han(one[0]):
        return 0.0
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    rest = max(len(one), len(other)) - shared
    shorter = min(len(one), len(other))
    near = shared >= _AKIN_LETTERS and shared >= 0.6 * shorter and rest <= _AKIN_REST
    return _AKIN if near else 0.0


def _nearness(spot: _Spot, places: Mapping[str, Sequence[tuple[int, float]]]) -> float:
    """The weight of each of the question's terms in the text, falling with its distance from the name."""
    last = spot.place + len(spot.units) - 1
    near = 0.0
    for found in places.values():
        near += max(weight * _fall(spot.place, last, place) for place, weight in found)
    return near


def _fall(first: int, last: int, place: int) -> float:
    """1 beside the name, a third some four units on; nothing within it."""
    distance = max(first - place, place - last, 0)
    return exp(-(distance - 1) / _REACH) if distance else 0.0
