"""Recognised lines in the order in which people read them: columns of prose one after the other, tables by rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from surefoot.core.lang import is_han

if TYPE_CHECKING:
    from surefoot.models.media import Line

_SAME_ROW = 0.5
_OVERLAP = 0.2
_PROSE_CHARS = 18
"""Median width of a column's lines, in Latin characters (an ideograph counts two): cells of tables are shorter."""
_COLUMN_LINES = 3
_CROSSING = 0.34
_PARAGRAPH_GAP = 0.9
_CELL_GAP = 1.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A line and the characters `[start, end)` of the page's text that it became."""

    start: int
    end: int
    line: Line


def read_page(lines: Sequence[Line]) -> tuple[str, tuple[Placed, ...]]:
    """The text of a page: a row a line, cells apart by two spaces, a blank line between paragraphs."""
    parts: list[str] = []
    placed: list[Placed] = []
    length = 0
    before: list[Line] | None = None
    for row in _ordered(lines):
        for place, line in enumerate(row):
            gap = _between(row[place - 1], line) if place else _above(before, row)
            parts += (gap, line.text)
            length += len(gap)
            placed.append(Placed(length, length + len(line.text), line))
            length += len(line.text)
        before = row
    return "".join(parts), tuple(placed)


def _ordered(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Rows of lines. Lines that run across a gutter between columns divide the page into bands."""
    gutter = _gutter(lines)
    if gutter is None:
        yield from _rows(lines)
        return
    across = sorted(
        (line for line in lines if _crosses(line, gutter)), key=lambda line: line.box[1]
    )
    rest = [line for line in lines if not _crosses(line, gutter)]
    for heading in (*across, None):
        end = heading.box[1] if heading is not None else 2.0
        band = [line for line in rest if _middle(line) < end]
        rest = [line for line in rest if _middle(line) >= end]
        yield from _ordered([line for line in band if line.box[2] <= gutter])
        yield from _ordered([line for line in band if line.box[0] >= gutter])
        if heading is not None:
            yield [heading]


def _gutter(lines: Sequence[Line]) -> float | None:
    """Where, from the left, prose on both sides is divided with the fewest lines running across."""
    if len(lines) < 2 * _COLUMN_LINES:
        return None
    best: tuple[int, float] | None = None
    for place in sorted({line.box[0] for line in lines})[1:]:
        at = place - 1e-6
        across = sum(_crosses(line, at) for line in lines)
        left = [line for line in lines if line.box[2] <= at]
        right = [line for line in lines if line.box[0] >= at]
        fits = across <= _CROSSING * len(lines) and _is_prose(left) and _is_prose(right)
        if fits and (best is None or across < best[0]):
            best = (across, at)
    return best[1] if best is not None else None


def _is_prose(lines: Sequence[Line]) -> bool:
    return len(lines) >= _COLUMN_LINES and median(map(_width, lines)) >= _PROSE_CHARS


def _width(line: Line) -> int:
    return len(line.text) + sum(map(is_han, line.text))


def _crosses(line: Line, at: float) -> bool:
    return line.box[0] < at < line.box[2]


def _rows(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines that stand side by side, from the left; rows from the top."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=_middle):
        row = next((row for row in reversed(rows[-3:]) if _joins(row, line)), None)
        if row is None:
            rows.append([line])
        else:
            row.append(line)
    for row in rows:
        yield sorted(row, key=lambda line: line.box[0])


def _joins(row: Sequence[Line], line: Line) -> bool:
    return any(_level(one, line) for one in row) and all(_apart(one, line) for one in row)


def _level(one: Line, other: Line) -> bool:
    shared = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    return shared >= _SAME_ROW * min(_height(one), _height(other))


def _apart(one: Line, other: Line) -> bool:
    """Boxes are drawn wide: neighbours may overlap a little."""
    shared = min(one.box[2], other.box[2]) - max(one.box[0], other.box[0])
    return shared <= _OVERLAP * min(one.box[2] - one.box[0], other.box[2] - other.box[0])


def _between(left: Line, right: Line) -> str:
    """Shares of the width and of the height are not the same length: the text itself says how wide a character is."""
    character = (left.box[2] - left.box[0]) / max(_width(left), 1)
    gap = right.box[0] - left.box[2]
    if gap > 2 * _CELL_GAP * character:
        return "  "
    return "" if is_han(left.text[-1]) and is_han(right.text[0]) else " "


def _above(before: Sequence[Line] | None, row: Sequence[Line]) -> str:
    if before is None:
        return ""
    gap = min(line.box[1] for line in row) - max(line.box[3] for line in before)
    height = median([*map(_height, before), *map(_height, row)])
    return "\n\n" if gap > _PARAGRAPH_GAP * height or gap < -2 * height else "\n"


def _height(line: Line) -> float:
    return line.box[3] - line.box[1]


def _middle(line: Line) -> float:
    return (line.box[1] + line.box[3]) / 2
