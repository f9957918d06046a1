"""Gives citations of scans and recordings their places in the original. Other citations cost one look at metadata."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from surefoot.core.regions import covering
from surefoot.core.roles import Scope

if TYPE_CHECKING:
    from surefoot.core.roles import Index
    from surefoot.core.types import Chunk, Citation, Document, Turn

READ_BY = "read_by"
"""The metadata key that says that a text was recognised: `ocr` or `speech`."""


class Locator:
    """Fills `Citation.region`; `index` is only asked where a cited text was recognised."""

    def __init__(self, index: Callable[[], Index]) -> None:
        self._index = index

    def __call__(self, turn: Turn) -> Turn:
        """The turn with the place of every citation of a scan or recording."""
        answer = turn.answer
        if answer is None or not any(map(_is_recognised, answer.citations)):
            return turn
        scope = Scope(asker=turn.query.asker)
        read: dict[str, Document | None] = {}

        def located(citation: Citation) -> Citation:
            if not _is_recognised(citation):
                return citation
            name = citation.chunk.document_id
            if name not in read:
                read[name] = self._index().document(name, scope=scope)
            document = read[name]
            if document is None or not _is_of(citation.chunk, document):
                return citation
            place = covering(document.regions, citation.source_start, citation.source_end)
            return replace(citation, region=place)

        citations = tuple(located(citation) for citation in answer.citations)
        return replace(turn, answer=replace(answer, citations=citations))


def _is_recognised(citation: Citation) -> bool:
    return citation.region is None and READ_BY in citation.chunk.meta


def _is_of(chunk: Chunk, document: Document) -> bool:
    """Whether the document is still the one that was cited."""
    return document.text[chunk.start : chunk.end] == chunk.text
