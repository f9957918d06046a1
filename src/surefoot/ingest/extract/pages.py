"""Joins pages into one text and says where each starts."""

from __future__ import annotations

from collections.abc import Iterable


def join_pages(pages: Iterable[str]) -> tuple[str, tuple[int, ...]]:
    """The pages with a blank line between them, and the character offset at which each starts."""
    starts: list[int] = []
    parts: list[str] = []
    length = 0
    for page in pages:
        starts.append(length)
        piece = page.strip("\n") + "\n\n"
        parts.append(piece)
        length += len(piece)
    return "".join(parts), tuple(starts)


def form_feed_pages(text: str) -> tuple[str, tuple[int, ...]]:
    """The text with each form feed replaced by a line feed, and where the pages that it divides start.

    A text without form feeds has no pages. A form feed at the very end starts none.
    """
    starts = [0]
    place = text.find("\f")
    while place >= 0 and place + 1 < len(text):
        starts.append(place + 1)
        place = text.find("\f", place + 1)
    if len(starts) == 1:
        return text.replace("\f", "\n"), ()
    return text.replace("\f", "\n"), tuple(starts)
