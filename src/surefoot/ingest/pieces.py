"""Splits a block that is too long where it hurts least: rows, lines, sentences, clauses, words, and last characters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from surefoot.core.lang import sentence_spans
from surefoot.ingest.blocks import Block, table_header, trimmed

Span = tuple[int, int]
Count = Callable[[Sequence[str]], list[int]]

# What a cut before a piece costs, against the squared share of a chunk that stays empty.
AT_BLOCK, AT_ITEM, AT_SENTENCE, AT_CLAUSE, NEVER = 0.0, 0.05, 0.15, 0.4, 100.0

_LINE = re.compile(r"[^\n]*\S[^\n]*")
_CLAUSE = re.compile(r".*?(?:[，、；;：,:](?=\s|[\u3000-\u9fff])|[\n，、；]|$)", re.DOTALL)
_STEPS = 24
_TINY = 24


@dataclass(frozen=True, slots=True)
class Piece:
    """A span that is not cut further: its tokens, what a cut before it costs, the table header to repeat."""

    start: int
    end: int
    tokens: int
    cut: float
    path: tuple[str, ...] = ()
    heading: bool = False
    lead: str = ""
    lead_tokens: int = 0


def pieces(text: str, found: Sequence[Block], count: Count, room: int) -> list[Piece]:
    """The blocks as pieces of at most `room` tokens; blocks that fit stay whole, runs of tiny ones become one.

    `count` gives the tokens that each text adds to a chunk.
    """
    return _merged(fitted(text, found, count, room), room // _TINY)


def fitted(text: str, found: Sequence[Block], count: Count, room: int) -> list[Piece]:
    """As `pieces`, each block for itself however small."""
    tokens = count([text[block.start : block.end] for block in found])
    whole = [
        Piece(b.start, b.end, n, _cost(found, i), b.path, b.kind == "heading")
        for i, (b, n) in enumerate(zip(found, tokens, strict=True))
    ]
    made: list[Piece] = []
    for block, piece in zip(found, whole, strict=True):
        made += [piece] if piece.tokens <= room else _split(text, block, piece, count, room)
    return made


def halves(text: str, start: int, end: int) -> tuple[Span, Span]:
    """The span cut in two near its middle, at a space if there is one; both halves have text."""
    middle = (start + end) // 2
    space = text.rfind(" ", start + (end - start) // 4, middle)
    cut = space if space > start and text[start:space].strip() else middle
    return (start, cut), (cut, end)


def _cost(found: Sequence[Block], index: int) -> float:
    if index and found[index - 1].kind == "heading":
        return NEVER
    if index and found[index].kind == "item" == found[index - 1].kind:
        return AT_ITEM
    return AT_BLOCK


def _split(text: str, block: Block, piece: Piece, count: Count, room: int) -> list[Piece]:
    if block.kind == "table" and (rows := _rows(text, block, piece, count, room)):
        return rows
    split = _lines if block.kind in ("code", "table") else _sentences
    return _fit(text, piece, _trimmed(text, split(text, block.start, block.end)), count, room)


def _rows(text: str, block: Block, piece: Piece, count: Count, room: int) -> list[Piece]:
    """The rows of a table, each but the first with the header as its lead; none if the header takes over a third."""
    body = table_header(text, block)
    lead = text[block.start : body].strip()
    if not lead:
        return []
    lead_tokens = count([lead])[0]
    if lead_tokens * 3 > room:
        return []
    head = replace(
        piece, end=block.start + len(text[block.start : body].rstrip()), tokens=lead_tokens
    )
    row = replace(piece, cut=NEVER, lead=lead, lead_tokens=lead_tokens)
    spans = _trimmed(text, _lines(text, body, block.end))
    return [head, *_fit(text, row, spans, count, room - lead_tokens)]


def _fit(text: str, whole: Piece, spans: list[Span], count: Count, room: int) -> list[Piece]:
    """The spans as pieces; those that are still too long are split by clauses, then into even parts."""
    cost = AT_SENTENCE
    tokens = count([text[start:end] for start, end in spans])
    for step in range(_STEPS):
        if max(tokens, default=0) <= room:
            break
        cost = AT_CLAUSE
        finer: list[Span] = []
        for span, n in zip(spans, tokens, strict=True):
            if n <= room:
                finer.append(span)
            else:
                split = _even(text, *span, -(-4 * n // room)) if step else _clauses(text, *span)
                finer += _trimmed(text, split)
        spans, tokens = finer, count([text[start:end] for start, end in finer])
    made = [
        Piece(start, end, n, cost, whole.path, False, whole.lead, whole.lead_tokens)
        for (start, end), n in zip(spans, tokens, strict=True)
    ]
    return [replace(made[0], cut=whole.cut), *made[1:]]


def _merged(made: Sequence[Piece], least: int) -> list[Piece]:
    """Runs of tiny pieces as one, so that packing stays linear; headings stay for themselves."""
    runs: list[list[Piece]] = []
    size = 0
    for piece in made:
        last = runs[-1][-1] if runs else None
        if (
            last
            and size + piece.tokens <= least
            and not (last.heading or piece.heading)
            and (last.path, last.lead) == (piece.path, piece.lead)
        ):
            runs[-1].append(piece)
            size += piece.tokens
        else:
            runs.append([piece])
            size = piece.tokens
    return [
        replace(run[0], end=run[-1].end, tokens=sum(piece.tokens for piece in run))
        if len(run) > 1
        else run[0]
        for run in runs
    ]


def _trimmed(text: str, spans: Iterable[Span]) -> list[Span]:
    found = (trimmed(text, start, end) for start, end in spans)
    return [(start, end) for start, end in found if end > start]


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    for first, last in sentence_spans(text[start:end]):
        yield start + first, start + last


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    for match in _LINE.finditer(text, start, end):
        yield match.span()


def _clauses(text: str, start: int, end: int) -> Iterator[Span]:
    for match in _CLAUSE.finditer(text, start, end):
        yield match.span()


def _even(text: str, start: int, end: int, parts: int) -> Iterator[Span]:
    """Parts of like length, cut at a space where there is one in the last half of a part."""
    size = max(1, (end - start) // parts)
    while end - start > size:
        space = text.rfind(" ", start + (size + 1) // 2, start + size)
        cut = space if space > start else start + size
        yield start, cut
        start = cut
    yield start, end
