"""The documents that gold refers to: found by what a source calls them, or by a passage that stands in them."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote

from surefoot.core.types import Document
from surefoot.evaluate.evalsets.passages import Searchable

if TYPE_CHECKING:
    from surefoot.core.roles import DocumentState, Index

_LIKELY = 20
_ASKED_CHARS = 600
_KEPT_TEXTS = 256
_DRIVE = re.compile(r"^(file:/*|[A-Za-z]:)")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a document may be called. `id` is that of the original where the document is a copy."""

    id: str
    names: tuple[str, ...]


class Library:
    """Documents by name and by passage. Texts are read when they are needed and a few are kept."""

    def __init__(
        self,
        entries: Iterable[Entry],
        read: Callable[[str], str | None],
        search: Callable[[str], Sequence[str]],
    ) -> None:
        self._search = search
        self._by_name: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self.ids: set[str] = set()
        for entry in entries:
            self.ids.add(entry.id)
            for name in _spellings((entry.id, *entry.names)):
                self._by_name[name][entry.id] = None
        self._text = lru_cache(maxsize=_KEPT_TEXTS)(lambda name: _searchable(read(name)))

    @classmethod
    def of_documents(cls, documents: Iterable[Document]) -> Self:
        """A library of documents in memory; every one is likely to hold a passage."""
        kept = {document.id: document for document in documents}
        entries = [Entry(one.id, (one.uri, one.title)) for one in kept.values()]
        return cls(
            entries,
            lambda name: kept[name].text if name in kept else None,
            lambda _: list(kept),
        )

    @classmethod
    def of_index(cls, index: Index) -> Self:
        """A library of what an index holds; passages are looked for where its keyword search finds them."""

        def read(name: str) -> str | None:
            document = index.document(name)
            return document.text if document else None

        def search(passage: str) -> Sequence[str]:
            hits = index.keyword(passage[:_ASKED_CHARS], limit=_LIKELY)
            return list(dict.fromkeys(hit.chunk.document_id for hit in hits))

        return cls(map(_entry, index.states()), read, search)

    def named(self, source: str) -> list[str]:
        """The ids of the documents that a source may mean: by id or URI, else by path's end, file name or title."""
        if source in self.ids:
            return [source]
        for name in _spellings((source,)):
            if name in self._by_name:
                return list(self._by_name[name])
        return []

    def text(self, document_id: str) -> Searchable | None:
        """The text of a document; None where there is no such document, or it has none."""
        return self._text(document_id)

    def plain(self, document_id: str) -> str | None:
        """The text of a document as a string; None as with `text`."""
        found = self._text(document_id)
        return None if found is None else found.text

    def likely(self, passage: str) -> Sequence[str]:
        """Ids of documents in which a passage may stand, best first."""
        return self._search(passage)


def _entry(state: DocumentState) -> Entry:
    if state.duplicate_of:
        return Entry(state.duplicate_of, (state.id, state.uri))
    return Entry(state.id, (state.uri, state.title))


def _spellings(names: Iterable[str]) -> list[str]:
    """What a name may be called by, the fullest first: whole, each end of its path, the file name without ending."""
    found: dict[str, None] = {}
    for name in names:
        plain = unicodedata.normalize("NFC", unquote(name)).replace("\\", "/").casefold().strip()
        plain = _DRIVE.sub("", plain).strip("/")
        parts = [part for part in plain.split("/") if part not in ("", ".")]
        found |= dict.fromkeys("/".join(parts[place:]) for place in range(len(parts)))
    return [*found, *(PurePosixPath(name).stem for name in found if "/" not in name)]


def _searchable(text: str | None) -> Searchable | None:
    return Searchable(text) if text is not None else None
