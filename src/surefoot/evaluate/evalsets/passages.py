"""Finds a quote in a text: letter for letter, then whatever its white space, width, case and markup."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

from surefoot.core.lang import content_terms, mostly_han

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

How = Literal["exact", "folded"]

_GONE = "\0"
_MARKUP = frozenset("*_`#|\\~>")
_ALIKE = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-"}
_MIN_FOLDED_CHARS = 2
_MAX_PLACES = 50
_RUN_CHARS, _HAN_RUN_CHARS = 8, 4
_MIN_RUNS = 16
_SLACK = 1.25  # how much longer than the passage the span may be


@dataclass(frozen=True, slots=True)
class Found:
    """Where a quote stands: `places` are spans `(start, end)` of the text in order."""

    places: tuple[tuple[int, int], ...]
    how: How


class Searchable:
    """A text in which many quotes are looked for; it is folded once, when a quote is not there letter for letter."""

    def __init__(self, text: str) -> None:
        self.text = text

    def find(self, quote: str) -> Found | None:
        """Every place of the quote, at most 50; None where it is not in the text."""
        quote = quote.strip()
        if not quote:
            return None
        if exact := _places(self.text, quote):
            return Found(tuple((start, start + len(quote)) for start in exact), "exact")
        folded, offsets = self._folded
        wanted = _folded(quote)[0]
        if len(wanted) < _MIN_FOLDED_CHARS:
            return None
        starts = _places(folded, wanted)
        spans = [
            (int(offsets[start]), int(offsets[start + len(wanted) - 1]) + 1) for start in starts
        ]
        return Found(tuple(spans), "folded") if spans else None

    def find_near(self, passage: str, *, least: float = 0.7) -> tuple[int, int] | None:
        """The span in which at least so much of a long passage stands, in order but not letter for letter.

        Where a passage was read by another program: lost line ends, other marks, missing notes.
        """
        size = _HAN_RUN_CHARS if mostly_han(passage) else _RUN_CHARS
        runs = _runs(_folded(passage)[0], size)
        if len(runs) < _MIN_RUNS:
            return None
        folded, offsets = self._folded
        first_at = {run: place for place, run in reversed(list(enumerate(runs)))}
        hits = [
            (place, first_at[run])
            for place, run in enumerate(_runs(folded, size))
            if run in first_at
        ]
        window = _fullest(hits, round(len(runs) * _SLACK))
        if len({at for _, at in window}) < least * len(first_at):
            return None
        last = window[-1][0] + size - 1
        return int(offsets[window[0][0]]), int(offsets[last]) + 1

    @cached_property
    def terms(self) -> frozenset[str]:
        """The distinct content words (`core.lang.content_terms`)."""
        return frozenset(content_terms(self.text))

    @cached_property
    def _folded(self) -> tuple[str, NDArray[np.int64]]:
        return _folded(self.text)


def _runs(folded: str, size: int) -> list[str]:
    return [folded[i : i + size] for i in range(len(folded) - size + 1)]


def _fullest(hits: Sequence[tuple[int, int]], width: int) -> Sequence[tuple[int, int]]:
    """The hits `(place, place in the passage)` within the window of that width that has the most."""
    best_start = best_end = start = 0
    for end, (place, _) in enumerate(hits, start=1):
        while place - hits[start][0] > width:
            start += 1
        if end - start > best_end - best_start:
            best_start, best_end = start, end
    return hits[best_start:best_end]


def _places(text: str, quote: str) -> list[int]:
    found: list[int] = []
    start = text.find(quote)
    while start >= 0 and len(found) < _MAX_PLACES:
        found.append(start)
        start = text.find(quote, start + 1)
    return found


def _folded(text: str) -> tuple[str, NDArray[np.int64]]:
    """The text without white space and markup, narrow and in lower case; with the offset of each character left."""
    import numpy as np

    plain = text.translate({ord(char): _plain(char) for char in set(text)})
    points = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    offsets = np.flatnonzero(points)
    kept = points[offsets].tobytes().decode("utf-32-le", "surrogatepass")
    return kept, offsets


@lru_cache(maxsize=65536)
def _plain(char: str) -> str:
    """One character for one, so that offsets stay; those that do not count become `_GONE`."""
    if char.isspace() or char in _MARKUP or unicodedata.category(char) == "Cf":
        return _GONE
    narrow = unicodedata.normalize("NFKC", _ALIKE.get(char, char))
    lower = narrow.lower() if len(narrow) == 1 else char
    return lower if len(lower) == 1 else char
