"""How much of a question a passage holds: the share of its content terms, rare ones counting more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log

from surefoot.core.lang import content_terms, terms

Frequencies = Callable[[Sequence[str]], tuple[list[int], int]]


class Coverage:
    """Measures passages against one question; `frequencies` is that of the index (terms to chunk counts and total)."""

    def __init__(self, question: str, frequencies: Frequencies) -> None:
        wanted = list(dict.fromkeys(content_terms(question) or terms(question)))
        counts, total = frequencies(wanted) if wanted else ([], 0)
        self._weights = {
            term: log(1 + (total - count + 0.5) / (count + 0.5))
            for term, count in zip(wanted, counts, strict=True)
        }
        self._whole = sum(self._weights.values())

    def of(self, text: str) -> float:
        """From 0 (none of the question's terms) to 1 (all of them)."""
        if not self._whole:
            return 0.0
        held = self._weights.keys() & set(terms(text))
        return sum(self._weights[term] for term in held) / self._whole
