"""Offers documents that an index has already: nothing is read from where they came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from surefoot.core.roles import DocumentState, Index, SourceItem
from surefoot.core.types import Document


class HeldSource:
    """The documents of an index, offered again as they are: nothing is read or compared twice."""

    name = "index"

    def __init__(self, index: Index) -> None:
        self._index = index

    def items(self) -> Iterator[SourceItem]:
        """One item a document that was read, ordered by id."""
        states = {state.id: state for state in self._index.states()}
        for document in self._index.documents():
            yield replace(held_item(document, states[document.id]), distinct=True)


def held_item(document: Document, state: DocumentState) -> SourceItem:
    """A document as its source would offer it, with the sign of change that the index knows."""
    return SourceItem(
        document.id,
        document.uri,
        state.source,
        state.fingerprint,
        document=document,
        acl=document.acl,
    )
