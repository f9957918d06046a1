"""An answer as the page shows it: text and chips, sources with their quotes, evidence in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from surefoot.core.types import Answer, Citation

_MARK: Final = re.compile(r"\[(\d{1,3})\]")
_STRONG: Final = 0.85
_FAIR: Final = 0.6


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an answer: plain text, or the chip of a citation."""

    text: str
    citation: Citation | None = None


def pieces(answer: Answer) -> list[Piece]:
    """The text cut at its marks; a mark of no citation stays text."""
    found: list[Piece] = []
    end = 0
    for mark in _MARK.finditer(answer.text):
        citation = _meant(answer.citations, int(mark[1]), mark.start())
        if citation is None:
            continue
        found += [Piece(answer.text[end : mark.start()]), Piece(mark[1], citation)]
        end = mark.end()
    return [*found, Piece(answer.text[end:])]


def sources(answer: Answer) -> list[Citation]:
    """Each cited place once, by number."""
    return sorted({one.number: one for one in reversed(answer.citations)}.values(), key=_number)


def evidence(answer: Answer) -> str:
    """How well the documents bear the answer, as a word of the catalogue; empty where it was not judged."""
    if answer.confidence is None:
        return ""
    if answer.confidence >= _STRONG:
        return "strong"
    return "fair" if answer.confidence >= _FAIR else "weak"


def place_of(citation: Citation) -> str:
    """The query that marks the cited span in a document."""
    return f"start={citation.source_start}&end={citation.source_end}"


def path_of(document_id: str) -> str:
    """A document id as it stands in an address."""
    return quote(document_id, safe="/")


def _meant(citations: Sequence[Citation], number: int, at: int) -> Citation | None:
    """The citation of a mark: of those with its number, the one whose claim ends nearest."""
    named = [one for one in citations if one.number == number]
    return min(named, key=lambda one: abs(one.end - at), default=None)


def _number(one: Citation) -> int:
    return one.number
