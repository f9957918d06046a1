"""A fake index in memory, for tests of what writes to an index. Its searches are plain and exact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from surefoot.core.digest import corpus_version
from surefoot.core.lang import terms
from surefoot.core.roles import DocumentState, IndexedDocument, Passage, Scope
from surefoot.core.types import Acl, Chunk, Document, Hit

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors


class FakeIndex:
    """Keeps what `replace` is given; readers are held to the acl, filters are not applied."""

    def __init__(self) -> None:
        self.held: dict[str, IndexedDocument] = {}
        self.commits = 0

    def keyword(self, text: str, *, limit: int, scope: Scope = Scope()) -> list[Hit]:
        wanted = set(terms(text))
        hits = [
            Hit(p.chunk, score, "keyword", {"bm25": score})
            for p in self._passages(scope)
            if (score := float(len(wanted.intersection(terms(p.indexed_text)))))
        ]
        return sorted(hits, key=lambda hit: -hit.score)[:limit]

    def vector(self, vector: Vectors, *, limit: int, scope: Scope = Scope()) -> list[Hit]:
        hits = []
        for passage in self._passages(scope):
            cosine = float(np.dot(np.asarray(passage.vector), vector))
            hits.append(Hit(passage.chunk, cosine, "vector", {"cosine": cosine}))
        return sorted(hits, key=lambda hit: -hit.score)[:limit]

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

    def frequencies(self, terms_: Sequence[str]) -> tuple[list[int], int]:
        texts = [set(terms(p.indexed_text)) for p in self._passages(Scope())]
        return [sum(term in text for text in texts) for term in terms_], len(texts)

    def document(self, document_id: str, *, scope: Scope = Scope()) -> Document | None:
        return next((d for d in self.documents(scope=scope) if d.id == document_id), None)

    def documents(self, *, scope: Scope = Scope()) -> Iterator[Document]:
        for _, item in sorted(self.held.items()):
            if item.state.status == "ok" and _may_read(item.document.acl, scope):
                yield item.document

    def states(self) -> Iterator[DocumentState]:
        yield from (item.state for _, item in sorted(self.held.items()))

    def replace(self, batch: Sequence[IndexedDocument]) -> None:
        self.commits += 1
        self.held.update(
            {item.document.id: replace(item, passages=tuple(item.passages)) for item in batch}
        )

    def remove(self, document_ids: Iterable[str]) -> int:
        return sum(self.held.pop(name, None) is not None for name in list(document_ids))

    def maintain(self) -> list[str]:
        return []

    def version(self) -> str:
        return corpus_version(document.digest for document in self.documents())

    def close(self) -> None:
        return None

    def _passages(self, scope: Scope) -> Iterator[Passage]:
        for _, item in sorted(self.held.items()):
            if _may_read(item.document.acl, scope):
                yield from item.passages


def _may_read(acl: Acl, scope: Scope) -> bool:
    asker = scope.asker
    return (
        acl.public
        or (asker.user is None and asker.trusted)
        or asker.user in acl.users
        or bool(set(asker.groups).intersection(acl.groups))
    )
