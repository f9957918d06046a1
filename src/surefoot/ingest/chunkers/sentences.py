"""The sentences of a document by section, and runs of them. Knows characters and token counts only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from surefoot.core.lang import sentence_spans
from surefoot.core.types import Document
from surefoot.ingest.blocks import Block, blocks
from surefoot.ingest.chunkers.frame import Frame
from surefoot.ingest.pieces import Piece, fitted

_LINE = re.compile(r"[^\n]*\S[^\n]*")
# A sentence fills a chunk up to this share, so that the heading above it has room beside it.
_SHARE = 0.75


def sections(document: Document, frame: Frame) -> Iterator[list[Piece]]:
    """The sentences of each section, its headings before them; lines of code and rows of tables count as sentences.

    A sentence that does not fit into a chunk comes in parts.
    """
    section: list[Block] = []
    for block in blocks(document.text, document.markup):
        if block.kind == "heading" and section and section[-1].kind != "heading":
            yield _pieces(document, section, frame)
            section = []
        section.append(block)
    if section:
        yield _pieces(document, section, frame)


def runs(pieces: Sequence[Piece], count: int, step: int, room: int) -> Iterator[Sequence[Piece]]:
    """Runs of `count` sentences, each `step` sentences after the one before; shorter where `room` tokens are full.

    Headings do not count as sentences, and every piece is in a run.
    """
    first = 0
    while first < len(pieces):
        last = _end(pieces, first, count, room)
        yield pieces[first:last]
        if last == len(pieces):
            return
        first = min(last, _after(pieces, first, step))


def _end(pieces: Sequence[Piece], first: int, count: int, room: int) -> int:
    sentences, tokens = 0, 0
    for place in range(first, len(pieces)):
        sentences += not pieces[place].heading
        tokens += pieces[place].tokens
        if sentences > count or (tokens > room and place > first):
            return place
    return len(pieces)


def _after(pieces: Sequence[Piece], first: int, step: int) -> int:
    """The place behind the next `step` sentences."""
    for place in range(first, len(pieces)):
        step -= not pieces[place].heading
        if not step:
            return place + 1
    return len(pieces)


def _pieces(document: Document, section: Sequence[Block], frame: Frame) -> list[Piece]:
    text = document.text
    spans = [(block, span) for block in section for span in _spans(text, block)]
    found = [replace(block, start=start, end=end) for block, (start, end) in spans]
    room = frame.room(document.title, section[-1].path)
    return fitted(text, found, frame.adds, max(8, int(room * _SHARE)))


def _spans(text: str, block: Block) -> Iterator[tuple[int, int]]:
    if block.kind == "heading":
        yield block.start, block.end
    elif block.kind in ("code", "table"):
        for match in _LINE.finditer(text, block.start, block.end):
            line = match.group()
            yield (
                match.start() + len(line) - len(line.lstrip()),
                match.start() + len(line.rstrip()),
            )
    else:
        for start, end in sentence_spans(text[block.start : block.end]):
            yield block.start + start, block.start + end
