"""Cuts a given text into passages of so many tokens, at the ends of paragraphs and sentences. Asks no model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from surefoot.core.lang import sentence_spans
from surefoot.core.types import Chunk

_PARAGRAPH = re.compile(r"\n[ \t]*\n")
GIVEN = "text"
"""The id of the document that a given text is."""


def pieces(text: str, budget: int, count: Callable[[str], int]) -> list[Chunk]:
    """The text as passages of at most so many tokens, in order; together they hold all that is said.

    A sentence that is longer by itself is a passage of its own.
    """
    spans: list[tuple[int, int]] = []
    for start, end in _sentences(text):
        if spans and count(text[spans[-1][0] : end]) <= budget:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return [
        Chunk(f"{GIVEN}:{place}", GIVEN, text[start:end], start, end, index=place)
        for place, (start, end) in enumerate(spans)
    ]


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in (*_PARAGRAPH.finditer(text), None):
        end = match.start() if match else len(text)
        for first, last in sentence_spans(text[start:end]):
            yield start + first, start + last
        start = match.end() if match else end
