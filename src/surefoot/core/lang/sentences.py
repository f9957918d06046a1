"""Sentence boundaries for English and Chinese, as character spans."""

from __future__ import annotations

import re

_CLOSERS = "\"'”’」』】）)]》〉"
# A Chinese end mark always ends a sentence; a Latin one only before white space and a capital, digit, quote or Han.
_END = re.compile(
    rf"[。！？!?；…]+[{re.escape(_CLOSERS)}]*"
    rf"|[.!?]+[{re.escape(_CLOSERS)}]*(?=\s+[\"'“‘(\[]?[A-Z0-9\u00c0-\u00de\u4e00-\u9fff])"
    r"|\n\s*\n|\n(?=\s*(?:[-*+#|>]|\d+[.)、]))"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|vs|etc|e\.g|i\.e|cf|al|Fig|Eq|No|Nos|Vol|pp|Inc|Ltd|Co|Corp|U\.S|U\.K|"
    r"a\.m|p\.m|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|Gen|Col|Lt|Sgt|Gov|Sen|Rep|Rev|Mt|ca|approx)|\b[A-Z])\.$"
)
_ABBREVIATION_CHARS = 16  # more than the longest has: how far back is looked


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Spans `(start, end)` of the sentences, without surrounding white space; together they hold all other text."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        before = max(start, match.start() - _ABBREVIATION_CHARS)
        if match.group().startswith(".") and _ABBREVIATION.search(text[before : match.start() + 1]):
            continue
        _append(spans, text, start, match.end())
        start = match.end()
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        first = start + len(piece) - len(piece.lstrip())
        spans.append((first, first + len(stripped)))
