"""Cuts a passage into the units that can be quoted: sentences, list items, table rows, pieces of code.

Knows characters only. Every unit is an exact span of the passage, never longer than the limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from surefoot.core.lang import mostly_han, sentence_spans

# A line break within Chinese text stands for nothing; elsewhere it stands for a space.
_WRAP_IN_CHINESE = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef])\s*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])"
)
_WRAP = re.compile(r"\s*\n\s*")
UnitKind = Literal["sentence", "item", "row", "code"]
LineKind = Literal["blank", "fence", "heading", "rule", "sentence", "item", "row", "code"]

_LINE = re.compile(r"[^\n]+\n?|\n")
_FENCE = re.compile(r"\s*(```|~~~)")
_HEADING = re.compile(r" {0,3}#{1,6}(\s|$)")
_ITEM = re.compile(
    r"\s*(?:[-*+•·]\s+|\d{1,3}[.)]\s+|\d{1,3}[、）]|[（(]\d{1,3}[)）]|[一二三四五六七八九十]{1,3}、)(?=\S)"
)
_ROW = re.compile(r"\s*\|.*\|\s*$")
_RULE = re.compile(r"[\s|:+=_*~-]*$")
# Where a sentence that is too long may be cut, the best places first.
_CLAUSES = (
    re.compile(r"\n"),
    re.compile(r"[;；:：]\s*|\s[—–-]{1,2}\s|——"),
    re.compile(r"[，、]\s*|,\s+"),
    re.compile(r"\s+"),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a unit may be: characters where the text is mostly Han, words (of 12 characters) elsewhere."""

    max_words: int
    max_chars: int

    def fit(self, text: str) -> bool:
        """Whether the text is within the limit of its script."""
        if mostly_han(text):
            return len(text) <= self.max_chars
        return len(text.split()) <= self.max_words and len(text) <= 12 * self.max_words


@dataclass(frozen=True, slots=True)
class Unit:
    """The span `[start, end)` of a passage; `block` counts paragraphs, items and rows, `header` heads a table row."""

    start: int
    end: int
    kind: UnitKind
    block: int
    header: str = ""


def units(text: str, limits: Limits) -> list[Unit]:
    """The quotable units in order; headings, table heads and rules are not among them."""
    found: list[Unit] = []
    for number, block in enumerate(_blocks(text)):
        block = replace(block, block=number)
        whole = block.kind != "sentence" and limits.fit(text[block.start : block.end])
        parts = [block] if whole or block.kind == "code" else _sentences(text, block)
        found += [unit for part in parts for unit in _within(text, part, limits)]
    return found


def _blocks(text: str) -> Iterator[Unit]:
    """Paragraphs, items, rows and fenced code without their marks; `block` is not yet counted."""
    lines = list(_lines(text))
    last: Unit | None = None
    header = ""
    for place, (kind, start, end) in enumerate(lines):
        if last is not None and _continues(kind, last.kind):
            last = replace(last, end=end)
            continue
        if last is not None:
            yield from _trimmed(text, last)
            last = None
        if (
            kind == "row"
            and not header
            and lines[place + 1 : place + 2]
            and (lines[place + 1][0] == "rule")
        ):
            header = text[start:end].strip()
        elif kind in ("sentence", "item", "row", "code"):
            last = Unit(start, end, kind, 0, header if kind == "row" else "")
        if kind not in ("row", "rule"):
            header = ""
    if last is not None:
        yield from _trimmed(text, last)


def _lines(text: str) -> Iterator[tuple[LineKind, int, int]]:
    fenced = False
    for match in _LINE.finditer(text):
        line = match.group()
        if _FENCE.match(line):
            fenced = not fenced
            yield "fence", *match.span()
        elif fenced:
            yield "code", *match.span()
        else:
            mark = _ITEM.match(line)
            yield _kind(line), match.start() + (mark.end() if mark else 0), match.end()


def _kind(line: str) -> LineKind:
    if not line.strip():
        return "blank"
    if _HEADING.match(line):
        return "heading"
    if _RULE.match(line):
        return "rule"
    if _ROW.match(line):
        return "row"
    return "item" if _ITEM.match(line) else "sentence"


def _continues(kind: LineKind, block: UnitKind) -> bool:
    if kind == "code":
        return block == "code"
    return kind == "sentence" and block in ("sentence", "item")


def _sentences(text: str, block: Unit) -> list[Unit]:
    spans = sentence_spans(text[block.start : block.end])
    return [replace(block, start=block.start + a, end=block.start + b) for a, b in spans]


def _within(text: str, unit: Unit, limits: Limits) -> Iterator[Unit]:
    """The unit, or pieces of it that are each as long as clauses and the limits allow."""
    while not limits.fit(text[unit.start : unit.end]):
        cut = _cut(text, unit, limits)
        yield from _trimmed(text, replace(unit, end=cut))
        unit = replace(unit, start=cut)
    yield from _trimmed(text, unit)


def _cut(text: str, unit: Unit, limits: Limits) -> int:
    """The last boundary of the best kind in the second half of what fits, else the end of what fits."""
    longest = _longest(text, unit, limits)
    half = unit.start + (longest - unit.start) // 2
    for boundary in _CLAUSES:
        ends = [m.end() for m in boundary.finditer(text, unit.start, longest) if m.end() > half]
        # A shorter piece may be of another script, with another limit.
        if fitting := [end for end in ends if limits.fit(text[unit.start : end])]:
            return fitting[-1]
    return longest


def _longest(text: str, unit: Unit, limits: Limits) -> int:
    low, high = unit.start + 1, unit.end
    while low < high:
        middle = (low + high + 1) // 2
        if limits.fit(text[unit.start : middle]):
            low = middle
        else:
            high = middle - 1
    return low


def _trimmed(text: str, unit: Unit) -> Iterator[Unit]:
    piece = text[unit.start : unit.end]
    if any(char.isalnum() for char in piece):
        start = unit.start + len(piece) - len(piece.lstrip())
        yield replace(unit, start=start, end=start + len(piece.strip()))


def as_said(text: str, kind: UnitKind) -> str:
    """A unit as it reads in an answer: wrapped lines joined, a table row without its outer bars, code as it is."""
    if kind == "code":
        return text
    said = _WRAP.sub(" ", _WRAP_IN_CHINESE.sub("", text))
    return said.strip("| ") if kind == "row" else said
