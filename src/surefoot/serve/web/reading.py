"""A document as it is read on the page: headings, tables and text, cut at the edges of the marked span."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from surefoot.core.types import Document, Region

WINDOW: Final = 60_000
"""Characters on each side of the span that one page shows."""
_HEADING: Final = re.compile(r"(#{1,6})[ \t]+(\S.*)")
_RULE: Final = re.compile(r"\s*\|?(?:\s*:?-{2,}:?\s*\|)*\s*:?-{2,}:?\s*\|?\s*")
_FENCE: Final = re.compile(r"(```|~~~)")
_MAX_ROWS: Final = 2000


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text, marked or not; `first` is where the mark begins."""

    text: str
    marked: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """What is shown as one: a heading of a level, a table, a stretch of speech (`seconds`), or text."""

    kind: Literal["heading", "table", "speech", "text"]
    start: int
    end: int
    parts: tuple[Part, ...] = ()
    level: int = 0
    rows: tuple[tuple[tuple[Part, ...], ...], ...] = ()
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """What the contents list links to."""
        return f"at-{self.start}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents: a heading, its level, where it begins, and whether this page shows it."""

    text: str
    level: int
    start: int
    here: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """The part of a document that is shown, `[first, last)`; `before` and `after` say where to go on, else None."""

    blocks: tuple[Block, ...]
    contents: tuple[Entry, ...]
    first: int
    last: int
    before: int | None
    after: int | None


def reading(
    document: Document, start: int, end: int, at: int | None = None, *, window: int = WINDOW
) -> Reading:
    """What is shown for the span `[start, end)`: `window` characters around it, or around `at` where that is given."""
    text = document.text
    middle = start if at is None else min(at, len(text))
    first = _line_start(text, middle - window)
    last = _line_end(text, middle + window)
    cut = _Cut(text, start, end)
    found = tuple(_blocks(document, first, last, cut))
    contents = tuple(
        Entry(name, level, place, first <= place < last)
        for place, level, name in _headings(document)
    )
    before = max(0, first - window) if first > 0 else None
    after = last + window if last < len(text) else None
    return Reading(found, contents, first, last, before, after)


class _Cut:
    """Cuts stretches of a text into parts, so that what lies in the span is marked."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._start = start
        self._end = end
        self._begun = False

    def __call__(self, first: int, last: int) -> tuple[Part, ...]:
        left, right = max(first, self._start), min(last, self._end)
        if left >= right:
            return (Part(self._text[first:last]),) if last > first else ()
        marked = Part(self._text[left:right], marked=True, first=not self._begun)
        self._begun = True
        around = (Part(self._text[first:left]), marked, Part(self._text[right:last]))
        return tuple(part for part in around if part.text)


def _blocks(document: Document, first: int, last: int, cut: _Cut) -> Iterator[Block]:
    spoken = [one for one in document.regions if one.seconds is not None]
    if spoken:
        yield from _speech(spoken, first, last, cut)
        return
    if document.markup != "markdown":
        yield Block("text", first, last, cut(first, last))
        return
    begin = first
    for kind, left, right, level in _special(document.text, first, last):
        yield from _text(document.text, begin, left, cut)
        if kind == "heading":
            from_text = left + level + 1
            yield Block("heading", left, right, cut(from_text, right), level=level)
        else:
            yield Block("table", left, right, rows=tuple(_rows(document.text, left, right, cut)))
        begin = right
    yield from _text(document.text, begin, last, cut)


def _text(text: str, begin: int, end: int, cut: _Cut) -> Iterator[Block]:
    """The stretch without the empty lines around it, if there is anything in it."""
    while begin < end and text[begin] == "\n":
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    if begin < end:
        yield Block("text", begin, end, cut(begin, end))


def _speech(spoken: Sequence[Region], first: int, last: int, cut: _Cut) -> Iterator[Block]:
    for one in spoken:
        if first <= one.start < last and one.seconds is not None:
            yield Block(
                "speech", one.start, one.end, cut(one.start, one.end), seconds=one.seconds[0]
            )


def _special(text: str, first: int, last: int) -> Iterator[tuple[str, int, int, int]]:
    """Headings and tables with their places, in order."""
    lines = list(_lines(text, first, last))
    number, fenced = 0, False
    while number < len(lines):
        begin, end = lines[number]
        line = text[begin:end]
        if _FENCE.match(line.lstrip()):
            fenced = not fenced
        heading = None if fenced else _HEADING.fullmatch(line.rstrip())
        if heading:
            yield "heading", begin, end, len(heading[1])
        elif not fenced and (rows := _table_rows(text, lines, number)):
            yield "table", begin, lines[number + rows - 1][1], 0
            number += rows
            continue
        number += 1


def _table_rows(text: str, lines: Sequence[tuple[int, int]], number: int) -> int:
    """How many lines of a table begin here; 0 where none does."""
    if number + 1 >= len(lines):
        return 0
    (begin, end), (under, under_end) = lines[number], lines[number + 1]
    if "|" not in text[begin:end] or not _RULE.fullmatch(text[under:under_end]):
        return 0
    rows = 2
    while (
        rows < _MAX_ROWS
        and number + rows < len(lines)
        and "|" in text[lines[number + rows][0] : lines[number + rows][1]]
    ):
        rows += 1
    return rows


def _rows(text: str, left: int, right: int, cut: _Cut) -> Iterator[tuple[tuple[Part, ...], ...]]:
    """The cells of a table, the line under its head left out."""
    for number, (begin, end) in enumerate(_lines(text, left, right)):
        if number != 1:
            yield tuple(cut(first, last) for first, last in _cells(text, begin, end))


def _cells(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    bars = [at for at in range(begin, end) if text[at] == "|" and text[at - 1 : at] != "\\"]
    line = text[begin:end]
    edges = [
        *([] if line.lstrip().startswith("|") else [begin - 1]),
        *bars,
        *([] if line.rstrip().endswith("|") else [end]),
    ]
    for left, right in pairwise(edges):
        first, last = left + 1, right
        while first < last and text[first].isspace():
            first += 1
        while last > first and text[last - 1].isspace():
            last -= 1
        yield first, last


def _headings(document: Document) -> Iterator[tuple[int, int, str]]:
    if document.markup != "markdown":
        return
    fenced = False
    for begin, end in _lines(document.text, 0, len(document.text)):
        sign = document.text[begin : begin + 3]
        if sign in ("```", "~~~"):
            fenced = not fenced
        elif sign[:1] == "#" and not fenced:
            found = _HEADING.fullmatch(document.text[begin:end].rstrip())
            if found:
                yield begin, len(found[1]), found[2]


def _lines(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Begin and end of each line, the line feed left out."""
    begin = first
    while begin < last:
        end = text.find("\n", begin, last)
        end = last if end < 0 else end
        yield begin, end
        begin = end + 1


def _line_start(text: str, place: int) -> int:
    return 0 if place <= 0 else text.rfind("\n", 0, place) + 1 or place


def _line_end(text: str, place: int) -> int:
    if place >= len(text):
        return len(text)
    found = text.find("\n", place)
    return len(text) if found < 0 else found + 1
