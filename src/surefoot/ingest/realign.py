"""Follows places of a text through its cleaning, which takes characters out and changes few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from surefoot.core.types import Region

_WINDOWS = (200, 2000)
_SURE_CHARS = 3


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
    rest = len(after) - new
    if not rest:
        return old + 1, new
    for width in _WINDOWS:
        here, there = before[old : old + width], after[new : new + width]
        blocks = SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks()
        if max(block.size for block in blocks) >= min(_SURE_CHARS, rest):
            return old + blocks[0].a, new + blocks[0].b
    # Nothing near is alike: a character became another.
    return old + 1, new + 1
