"""Parts a Markdown text into what is translated and what stays: marks of lines, code, rules. Loses no character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_PREFIX = re.compile(r"[ \t]*(?:(?:#{1,6}|>|[-*+•]|\d{1,3}[.)、])[ \t]+)*(?:\[[ xX]\][ \t]+)?")
_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*$")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text; `kept` says that it stays as it is."""

    text: str
    kept: bool


def blocks(text: str) -> list[Block]:
    """The text in stretches that make it up again when they are joined.

    What is translated is a line, or lines that run on as one paragraph; cells of tables stand each for themselves.
    """
    found: list[Block] = []
    for block in _blocks(text):
        if not block.text:
            continue
        kept = block.kept or not _LETTER.search(block.text)
        found.append(Block(block.text, kept))
    return found


def _blocks(text: str) -> Iterator[Block]:
    fenced = False
    running = ""
    for line in text.splitlines(keepends=True):
        body = line.rstrip("\r\n")
        fence = _FENCE.match(body) is not None
        mark = _PREFIX.match(body)
        prefix = mark.group() if mark else ""
        plain = (
            not fenced
            and not fence
            and not prefix
            and _LETTER.search(body)
            and not _ROW.match(body)
        )
        if plain:
            running += line
            continue
        yield from _paragraph(running)
        running = ""
        if fenced or fence or not (_LETTER.search(body) or _ROW.match(body)):
            fenced = fenced != fence
            yield Block(line, True)
        elif _ROW.match(body):
            yield from _row(line)
        else:
            yield Block(prefix, True)
            running = line[len(prefix) :]
    yield from _paragraph(running)


def _paragraph(text: str) -> Iterator[Block]:
    body = text.strip()
    start = text.find(body)
    yield Block(text[:start], True)
    yield Block(body, False)
    yield Block(text[start + len(body) :], True)


def _row(line: str) -> Iterator[Block]:
    for piece in re.split(r"(\|)", line):
        yield from _paragraph(piece)
