"""Finds what pages repeat at their top and bottom: running heads, footers and page numbers. Knows pages only."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from surefoot.core.lang import fold

_EDGE_LINES = 3
_MIN_PAGES = 3
_SHARE = 0.4
_MAX_CHARS = 160
_NUMBER = re.compile(r"\d+")
_PAGE = re.compile(r"\bpage #|\bp\. ?#|\bseite #|# ?[页頁]|# of #|# / ?#")
_STRUCTURE = re.compile(r"\s*(?:\||```|~~~)")

_Place = tuple[int, int]


def drop_repeated(pages: Sequence[str]) -> tuple[list[str], int]:
    """The pages without repeated edge lines, and how many lines went.

    A line counts as repeated when at least 40 % of the pages, and three of them, have it among their
    first or last three lines, numbers in it being the same everywhere, or rising with the pages where
    the line speaks of pages ("Step 3" is no page number).
    Lines with words stay where they stand first; bare page numbers go everywhere.
    """
    if len(pages) < _MIN_PAGES:
        return list(pages), 0
    lines = [page.split("\n") for page in pages]
    places: dict[tuple[str, bool], list[_Place]] = defaultdict(list)
    for page, found in enumerate(lines):
        for place, top in _edges(found):
            places[_NUMBER.sub("#", fold(found[place])), top].append((page, place))
    gone: set[_Place] = set()
    least = max(_MIN_PAGES, _SHARE * len(pages))
    for (shape, _), spots in places.items():
        alike = _alike(lines, spots, rising=bool(_PAGE.search(shape)) or _is_number(shape))
        if len({page for page, _ in alike}) >= least:
            gone.update(alike if _is_number(shape) else alike[1:])
    kept = [
        "\n".join(line for place, line in enumerate(found) if (page, place) not in gone)
        for page, found in enumerate(lines)
    ]
    return kept, len(gone)


def _edges(lines: Sequence[str]) -> list[tuple[int, bool]]:
    """The places of the first and last lines with text, and whether each is at the top."""
    filled = [i for i, line in enumerate(lines) if line.strip()]
    top = filled[:_EDGE_LINES]
    bottom = [place for place in filled[-_EDGE_LINES:] if place not in top]
    return [
        (place, place in top)
        for place in (*top, *bottom)
        if len(lines[place]) <= _MAX_CHARS and not _STRUCTURE.match(lines[place])
    ]


def _alike(
    lines: Sequence[Sequence[str]], spots: Sequence[_Place], *, rising: bool
) -> list[_Place]:
    """Those spots whose every number is the commonest one, or, if `rising`, goes up with the page as most do."""
    numbers = [[int(n[:9]) for n in _NUMBER.findall(lines[page][place])] for page, place in spots]
    kept = list(range(len(spots)))
    for column in range(len(numbers[0]) if numbers else 0):
        same = _commonest([(i, numbers[i][column]) for i in kept])
        steps = _commonest([(i, numbers[i][column] - spots[i][0]) for i in kept]) if rising else []
        kept = max(same, steps, key=len)
    return [spots[i] for i in kept]


def _commonest(values: Sequence[tuple[int, int]]) -> list[int]:
    holders: dict[int, list[int]] = defaultdict(list)
    for holder, value in values:
        holders[value].append(holder)
    return max(holders.values(), key=len, default=[])


def _is_number(shape: str) -> bool:
    """Whether a line says a page number and nothing else: `3`, `- 3 -`, `Page 3 of 9`, `第 3 页`, `iv`."""
    return bool(
        re.fullmatch(
            r"[\W_]*(?:(?:page|p|seite|第|共)?[\W_]*#[\W_]*(?:of|/|页|頁|共)?[\W_]*)+", shape
        )
    )
