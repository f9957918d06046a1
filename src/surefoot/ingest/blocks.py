"""Finds the blocks of a text: headings, paragraphs, list items, tables and code, each with its heading path.

A light scan by lines, not a parser of Markdown: what it must get right is where a text may be cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from surefoot.core.types import Markup

Kind = Literal["heading", "text", "item", "table", "code"]

MAX_BLOCK_CHARS = 60_000
MAX_TABLE_CHARS = 5_000_000  # more, because all rows of a block share its header

_LINE = re.compile(r"[^\n]+")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_ITEM = re.compile(
    r"\s*(?:[-*+•·][ \t]|\d{1,3}[.)][ \t]|\d{1,3}、|[（(]?[一二三四五六七八九十]{1,3}[)）、])"
)
_HAN_NUMBER = "一二三四五六七八九十百千零〇两\\d"
_CHAPTER = re.compile(rf"\s*第[{_HAN_NUMBER}]{{1,7}}([编篇部卷章回节])(?=[\s　:：、]|$|[^\s，。,])")
_CHAPTER_LEVEL = {"编": 1, "篇": 1, "部": 1, "卷": 1, "章": 2, "回": 2, "节": 3}
_NUMBERED = re.compile(r"\s*(\d{1,2}(?:\.\d{1,2}){0,3})\.?[ \t　]+(?=[A-Z\u4e00-\u9fff])")
_ARTICLE = re.compile(rf"\s*第[{_HAN_NUMBER}]{{1,7}}条(?=[\s　])")
_CLOSED = re.compile(r"[.。!！?？;；,，、:：]\s*$")
_TITLE_CHARS = 60
# Bounds what patterns that look back may look at; a longer line is no heading and no rule of a table.
_HEADING_LINE_CHARS = 1000
_RULE_CHARS = 10_000


@dataclass(frozen=True, slots=True)
class Block:
    """A span of the text that is one thing. `path` holds the headings above it, a heading's own title included."""

    kind: Kind
    start: int
    end: int
    path: tuple[str, ...] = ()
    level: int = 0


@dataclass(slots=True)
class _Open:
    """The block that the scan is in; `lines` counts how many it has so far."""

    kind: Kind
    start: int
    end: int
    lines: int = 1


def blocks(text: str, markup: Markup) -> Iterator[Block]:
    """Yields the blocks in order; all non-blank text lies in one, and an endless one comes in parts."""
    scan = {"markdown": _markdown, "plain": _plain, "code": _code}[markup]
    stack: list[tuple[int, str]] = []
    for block in scan(text):
        if block.kind == "heading":
            while stack and stack[-1][0] >= block.level:
                stack.pop()
            stack.append((block.level, block.path[0]))
        path = tuple(title for _, title in stack)
        limit = MAX_TABLE_CHARS if block.kind == "table" else MAX_BLOCK_CHARS
        for start, end in _bounded(text, block.start, block.end, limit):
            first, last = trimmed(text, start, end)
            yield Block(block.kind, first, last, path, block.level)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the white space at its ends."""
    part = text[start:end]
    first = start + len(part) - len(part.lstrip())
    return first, first + len(part.strip())


def table_header(text: str, block: Block) -> int:
    """Where the rows of a table begin: after its header and the rule below it; its start where it has no rule."""
    first = text.find("\n", block.start, block.end)
    if first < 0:
        return block.start
    second = text.find("\n", first + 1, block.end)
    if second < 0 or not _is_rule(text[first + 1 : second]):
        return block.start
    return second + 1


def _markdown(text: str) -> Iterator[Block]:
    now: _Open | None = None
    fence = ""
    for match in _LINE.finditer(text):
        line, start, end = match.group(), match.start(), match.end()
        if fence and now:
            now.end = end
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                yield from _closed(now)
                now, fence = None, ""
            continue
        if now and (_blank_before(text, now.end, start) or not line.strip()):
            yield from _closed(now)
            now = None
        if not line.strip():
            continue
        if opening := _FENCE.match(line):
            yield from _closed(now)
            now, fence = _Open("code", start, end), opening.group(1)
        elif heading := _heading(text, line, start, end, now):
            if heading.start == start:
                yield from _closed(now)
            yield heading
            now = None
        else:
            kind = _kind(line, now)
            if now and _continues(kind, line, now):
                now = _Open("table" if kind == "table" else now.kind, now.start, end, now.lines + 1)
            else:
                yield from _closed(now)
                now = _Open(kind, start, end)
    yield from _closed(now)


def _heading(text: str, line: str, start: int, end: int, now: _Open | None) -> Block | None:
    if len(line) > _HEADING_LINE_CHARS:
        return None
    if (match := _ATX.match(line)) and match.group(2):
        return Block("heading", start, end, (plain_title(match.group(2)),), len(match.group(1)))
    if now and now.kind == "text" and now.lines == 1 and (match := _SETEXT.match(line)):
        title = text[now.start : now.end].strip()
        if "|" not in title and len(title) <= 2 * _TITLE_CHARS:
            level = 1 if match.group(1)[0] == "=" else 2
            return Block("heading", now.start, end, (plain_title(title),), level)
    return None


def _kind(line: str, now: _Open | None) -> Kind:
    stripped = line.lstrip()
    if stripped.startswith("|") and stripped.count("|") > 1:
        return "table"
    if now and now.kind == "table" and "|" in line:
        return "table"
    if now and now.kind == "text" and now.lines == 1 and "|" in line and _is_rule(line):
        return "table"
    return "item" if _ITEM.match(line) else "text"


def _continues(kind: Kind, line: str, now: _Open) -> bool:
    if kind == "table":
        return now.kind == "table" or (now.kind == "text" and _is_rule(line))
    return kind == "text" and now.kind in ("text", "item")


def _is_rule(line: str) -> bool:
    return len(line) <= _RULE_CHARS and bool(_RULE.match(line.strip()))


def _plain(text: str) -> Iterator[Block]:
    now: _Open | None = None
    for match in _LINE.finditer(text):
        line, start, end = match.group(), match.start(), match.end()
        if not line.strip():
            yield from _closed(now)
            now = None
            continue
        if now and _blank_before(text, now.end, start):
            yield from _closed(now)
            now = None
        level = _plain_level(line, alone=now is None and _blank_after(text, end))
        if level:
            yield from _closed(now)
            now = None
            yield Block("heading", start, end, (line.strip(),), level)
        elif now and not _ITEM.match(line) and not _ARTICLE.match(line):
            now.end, now.lines = end, now.lines + 1
        else:
            yield from _closed(now)
            now = _Open("item" if _ITEM.match(line) else "text", start, end)
    yield from _closed(now)


def _plain_level(line: str, *, alone: bool) -> int:
    """The level of a plain line that is surely a heading: short, unpunctuated, numbered; else 0."""
    if len(line.strip()) > _TITLE_CHARS or _CLOSED.search(line):
        return 0
    if match := _CHAPTER.match(line):
        return _CHAPTER_LEVEL[match.group(1)]
    if alone and (match := _NUMBERED.match(line)):
        return match.group(1).count(".") + 2
    return 0


def _code(text: str) -> Iterator[Block]:
    now: _Open | None = None
    for match in _LINE.finditer(text):
        line, start, end = match.group(), match.start(), match.end()
        if not line.strip():
            continue
        if now and not (_blank_before(text, now.end, start) and not line[0].isspace()):
            now.end = end
        else:
            yield from _closed(now)
            now = _Open("code", start, end)
    yield from _closed(now)


def _closed(now: _Open | None) -> Iterable[Block]:
    return (Block(now.kind, now.start, now.end),) if now else ()


def _blank_before(text: str, end: int, start: int) -> bool:
    return text.count("\n", end, start) > 1


def _blank_after(text: str, end: int) -> bool:
    return not text[end : end + 2].strip() and (
        len(text) - end < 2 or text[end : end + 2] == "\n\n"
    )


def plain_title(title: str) -> str:
    """A heading without its marks: `#`, emphasis, code ticks, link targets, `{#anchor}`."""
    title = title.strip()[:_HEADING_LINE_CHARS].strip("#").strip()
    title = re.sub(r"\s*\{\s*#[^}]*\}\s*$", "", title)
    title = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", title)
    return re.sub(r"(\*\*|__|`)", "", title).strip() or title.strip()


def _bounded(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """Cuts an endless block at a line end, else a sentence end, else a space, else anywhere."""
    while end - start > limit:
        middle, last = start + limit // 2, start + limit
        places = (text.rfind(mark, middle, last) for mark in ("\n", "。", ". ", " "))
        cut = next((place + 1 for place in places if place > 0), last)
        yield start, cut
        start = cut
    if text[start:end].strip():
        yield start, end
