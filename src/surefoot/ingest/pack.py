"""Puts pieces together into chunks: sections that fit stay whole, long ones are cut into parts of like size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from surefoot.ingest.pieces import Piece

Group = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Room:
    """How many tokens of text a chunk may hold, and up to what size a section is packed with its siblings."""

    tokens: int
    pack: int


def pack(pieces: Sequence[Piece], room: Room) -> list[Group]:
    """The pieces as runs `[first, last)`, each of at most `room.tokens`, in order and without a gap."""
    groups = _fold(pieces, 0, len(pieces), 0, room)
    cut: list[Group] = []
    for first, last in groups:
        if _size(pieces, first, last) <= room.tokens:
            cut.append((first, last))
        else:
            cut += [(first + a, first + b) for a, b in balance(pieces[first:last], room.tokens)]
    return cut


def balance(pieces: Sequence[Piece], tokens: int) -> list[Group]:
    """Cuts a run into parts of at most `tokens` that are full and of like size, at the cheapest places.

    Minimises the sum of the squared empty shares plus the cost of the cuts; linear in the number of pieces.
    """
    ends = [0]
    for piece in pieces:
        ends.append(ends[-1] + piece.tokens)
    best = [0.0]
    back = [0]
    for last in range(1, len(pieces) + 1):
        cheapest, where = float("inf"), last - 1
        for first in range(last - 1, -1, -1):
            size = ends[last] - ends[first]
            if size > tokens and first < last - 1:
                break
            size += pieces[first].lead_tokens
            if size > tokens and first < last - 1:
                continue
            empty = 1 - min(1.0, size / tokens)
            cost = best[first] + empty * empty + (pieces[first].cut if first else 0)
            if cost < cheapest:
                cheapest, where = cost, first
        best.append(cheapest)
        back.append(where)
    cuts: list[Group] = []
    last = len(pieces)
    while last:
        cuts.append((back[last], last))
        last = back[last]
    return cuts[::-1]


def common_path(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The headings that stand above all of the paths."""
    first, last = min(paths), max(paths)
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    return first[:same]


def _fold(pieces: Sequence[Piece], first: int, last: int, depth: int, room: Room) -> list[Group]:
    """Groups below one section: the section whole if it fits, else its own text and its children's groups."""
    if last - first <= 1 or _size(pieces, first, last) <= room.tokens:
        return [(first, last)]
    parts: list[Group] = []
    start = first
    for place in range(first + 1, last + 1):
        if place == last or _opens(pieces, place, depth):
            own = len(pieces[start].path) <= depth
            parts += [(start, place)] if own else _fold(pieces, start, place, depth + 1, room)
            start = place
    return _join(pieces, parts, room)


def _opens(pieces: Sequence[Piece], place: int, depth: int) -> bool:
    """Whether a section directly below `depth` headings begins at this piece."""
    now, before = pieces[place].path, pieces[place - 1].path
    return now[: depth + 1] != before[: depth + 1] or (
        pieces[place].heading and len(now) == depth + 1
    )


def _join(pieces: Sequence[Piece], parts: Sequence[Group], room: Room) -> list[Group]:
    """Joins neighbours where one is small and both fit, and bare headings with what follows them."""
    joined: list[Group] = []
    size, bare = 0, False
    for part in parts:
        right = _size(pieces, *part)
        plain = any(not piece.heading for piece in pieces[part[0] : part[1]])
        fits = size + right <= room.tokens
        if joined and ((bare and (plain or fits)) or (min(size, right) <= room.pack and fits)):
            joined[-1] = (joined[-1][0], part[1])
            size, bare = size + right, bare and not plain
        else:
            joined.append(part)
            size, bare = right, not plain
    return joined


def _size(pieces: Sequence[Piece], first: int, last: int) -> int:
    return pieces[first].lead_tokens + sum(piece.tokens for piece in pieces[first:last])
