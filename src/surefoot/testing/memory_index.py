"""A fake index in memory, for tests of what writes to an index. Its searches are plain and exact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import islice
from typing import TYPE_CHECKING, get_args

import numpy as np

from surefoot.core.digest import corpus_version, document_mark
from surefoot.core.filters import passes
from surefoot.core.lang import terms
from surefoot.core.roles import (
    PASSAGE,
    WHOLE,
    DocumentState,
    IndexedDocument,
    Listing,
    Mention,
    Passage,
    Scope,
    Status,
    ValueCount,
)
from surefoot.core.types import Chunk, Document, Hit
from surefoot.testing.index_samples import may_read

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors


class FakeIndex:
    """Keeps what `replace` is given; readers are held to the acl and to filters of the documents' metadata."""

    def __init__(self) -> None:
        self.held: dict[str, IndexedDocument] = {}
        self.commits = 0
        self._mentioned: list[Mention] = []

    def keyword(
        self, text: str, *, limit: int, scope: Scope = Scope(), view: str = PASSAGE
    ) -> list[Hit]:
        wanted = set(terms(text))
        hits = [
            Hit(p.chunk, score, "keyword", {"bm25": score})
            for p in self._texts(scope, view)
            if (score := float(len(wanted.intersection(terms(p.indexed_text)))))
        ]
        return _best_first(hits)[:limit]

    def vector(
        self, vector: Vectors, *, limit: int, scope: Scope = Scope(), view: str = PASSAGE
    ) -> list[Hit]:
        hits = []
        for passage in self._texts(scope, view):
            cosine = float(np.dot(np.asarray(passage.vector), vector))
            hits.append(Hit(passage.chunk, cosine, "vector", {"cosine": cosine}))
        return _best_first(hits)[:limit]

    def cosines(
        self, vector: Vectors, chunk_ids: Sequence[str], views: Sequence[str] = (PASSAGE,)
    ) -> dict[str, dict[str, float]]:
        return {
            view: {
                hit.chunk.id: hit.score
                for hit in self.vector(vector, limit=10**6, view=view)
                if hit.chunk.id in chunk_ids
            }
            for view in views
        }

    def views(self, document_id: str) -> list[Passage]:
        return list(self.held[document_id].views) if document_id in self.held else []

    def vectors(self, chunk_ids: Sequence[str]) -> Vectors:
        held = {p.chunk.id: np.asarray(p.vector, np.float32) for p in self._passages(Scope())}
        return np.stack([held[name] for name in chunk_ids])

    def chunks(
        self, document_id: str, *, first: int = 0, last: int | None = None, scope: Scope = Scope()
    ) -> list[Chunk]:
        return [
            p.chunk
            for p in self._passages(scope)
            if p.chunk.document_id == document_id
            and first <= p.chunk.index <= (p.chunk.index if last is None else last)
        ]

    def by_ids(self, chunk_ids: Sequence[str], *, scope: Scope = Scope()) -> list[Chunk]:
        held = {p.chunk.id: p.chunk for p in self._passages(scope)}
        return [held[name] for name in dict.fromkeys(chunk_ids) if name in held]

    def mentions(self, *, scope: Scope = Scope()) -> Sequence[Mention]:
        found = [
            Mention(p.chunk.id, p.chunk.document_id, p.chunk.title, p.entities)
            for p in self._passages(scope)
        ]
        if found != self._mentioned:
            self._mentioned = found
        return self._mentioned

    def frequencies(
        self, terms_: Sequence[str], *, scope: Scope = Scope()
    ) -> tuple[list[int], int]:
        texts = [set(terms(p.indexed_text)) for p in self._passages(scope)]
        return [sum(term in text for text in texts) for term in terms_], len(texts)

    def count(self, scope: Scope = Scope()) -> int:
        return sum(passage.view == "passage" for passage in self._passages(scope))

    def keys(self, *, scope: Scope = Scope()) -> list[str]:
        return sorted({key for one in self.documents(scope=scope) for key in one.meta})

    def values(self, key: str, *, scope: Scope = Scope(), limit: int = 1000) -> list[ValueCount]:
        counts: Counter[str | int | float | bool] = Counter()
        for document in self.documents(scope=scope):
            held = (dict(document.meta) | {"lang": document.lang}).get(key)
            values = dict.fromkeys(held) if isinstance(held, tuple) else (held,)
            counts.update(value for value in values if value is not None and value != "")
        found = [ValueCount(value, n) for value, n in counts.items()]
        return sorted(found, key=lambda one: (-one.documents, str(one.value)))[:limit]

    def document(
        self, document_id: str, *, scope: Scope = Scope(), off: bool = False
    ) -> Document | None:
        item = self.held.get(document_id)
        wanted = ("ok", "off") if off else ("ok",)
        if item is None or item.state.status not in wanted or not _in_scope(item.document, scope):
            return None
        return item.document

    def documents(self, *, scope: Scope = Scope(), part: Listing = WHOLE) -> Iterator[Document]:
        for state in self.states(scope=scope, part=replace(part, status="ok")):
            yield self.held[state.id].document

    def states(self, *, scope: Scope = Scope(), part: Listing = WHOLE) -> Iterator[DocumentState]:
        found = (
            item.state
            for name, item in sorted(self.held.items())
            if name > part.after
            and part.status in ("", item.state.status)
            and part.lang in ("", item.document.lang)
            and part.text.lower() in f"{name}\n{item.document.title}".lower()
            and _in_scope(item.document, scope)
        )
        return islice(found, part.limit)

    def statuses(self, *, scope: Scope = Scope()) -> Mapping[Status, int]:
        found = Counter(state.status for state in self.states(scope=scope))
        return {status: found[status] for status in get_args(Status)}

    def replace(self, batch: Sequence[IndexedDocument]) -> None:
        self.commits += 1
        for item in batch:
            made = replace(item, passages=tuple(item.passages), views=tuple(item.views))
            self.held[item.document.id] = made

    def remove(self, document_ids: Iterable[str]) -> int:
        return sum(self.held.pop(name, None) is not None for name in list(document_ids))

    def maintain(self) -> list[str]:
        return []

    def marks(self) -> dict[str, str]:
        return {d.id: document_mark(d.digest, d.meta, asdict(d.acl)) for d in self.documents()}

    def version(self) -> str:
        return corpus_version(self.marks().values())

    def close(self) -> None:
        return None

    def _texts(self, scope: Scope, view: str) -> Iterator[Passage]:
        if view == PASSAGE:
            yield from self._passages(scope)
            return
        for _, item in sorted(self.held.items()):
            if _in_scope(item.document, scope):
                yield from (text for text in item.views if text.view == view)

    def _passages(self, scope: Scope) -> Iterator[Passage]:
        for _, item in sorted(self.held.items()):
            if _in_scope(item.document, scope):
                yield from item.passages


def _in_scope(document: Document, scope: Scope) -> bool:
    held = dict(document.meta) | {"lang": document.lang}
    return may_read(document.acl, scope.asker) and (
        scope.filter is None or passes(scope.filter, held)
    )


def _best_first(hits: Iterable[Hit]) -> list[Hit]:
    """By falling score, each chunk once."""
    best: dict[str, Hit] = {}
    for hit in sorted(hits, key=lambda hit: -hit.score):
        best.setdefault(hit.chunk.id, hit)
    return list(best.values())
