"""Follows places of a text through its cleaning, which takes characters out and changes few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from surefoot.core.types import Region

# What follows a change is looked for as a whole first, near by; then by less, nearer.
_LOOKS = ((24, 4000), (8, 400), (3, 64), (1, 16))
_SHIFTS = 8


def moved_regions(regions: Sequence[Region], before: str, after: str) -> tuple[Region, ...]:
    """The regions of `before` at their places in `after`; those of which nothing is left go."""
    places = [place for region in regions for place in (region.start, region.end)]
    found = moved_places(places, before, after)
    moved = (
        replace(region, start=found[region.start], end=found[region.end]) for region in regions
    )
    return tuple(region for region in moved if region.start < region.end)


def moved_places(places: Sequence[int], before: str, after: str) -> dict[int, int]:
    """Where each place of `before` (0 to its length) is in `after`; one taken out is where the rest goes on."""
    found: dict[int, int] = {}
    old = new = 0
    for place in sorted(set(places)):
        while old < place:
            if new < len(after) and before[old] == after[new]:
                old, new = old + 1, new + 1
            else:
                old, new = _resumed(before, after, old, new)
        # A place inside what was taken out stands where the text goes on.
        found[place] = min(new, len(after))
    return found


def _resumed(before: str, after: str, old: int, new: int) -> tuple[int, int]:
    """The next places of both texts at which they are alike again."""
    for length, reach in _LOOKS:
        for shift in range(_SHIFTS if length > 1 else 1):
            wanted = after[new + shift : new + shift + length]
            if not wanted:
                continue
            place = before.find(wanted, old, old + reach + length)
            if place >= 0:
                return place, new + shift
    # Nothing of the rest is alike: a character became another, or the rest was taken out.
    return old + 1, min(new + 1, len(after)) if new < len(after) else new
