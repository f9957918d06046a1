"""What spans of one document share. Knows numbers only."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[int, int]


def covered(span: Span, others: Iterable[Span]) -> int:
    """How many characters of the span `[start, end)` lie in at least one of the others."""
    start, end = span
    total, reached = 0, start
    for first, last in sorted(others):
        first, last = max(first, reached), min(last, end)
        if last > first:
            total += last - first
            reached = last
    return total


def overlap(span: Span, other: Span) -> bool:
    """Whether the two share a character."""
    return span[0] < other[1] and other[0] < span[1]
