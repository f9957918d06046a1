"""Documents for tests of an index, and the filter language evaluated in plain Python to compare with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from surefoot.core.roles import DocumentState, Index, IndexedDocument, Passage
from surefoot.core.types import Acl, Asker, Chunk, Document, Meta

DIMENSIONS = 16


def sample(
    document_id: str, *texts: str, title: str = "", meta: Meta | None = None, acl: Acl = Acl()
) -> IndexedDocument:
    """A document whose chunks are the texts, joined by line ends, with vectors that the texts determine."""
    text = "\n".join(texts)
    document = Document(
        id=document_id,
        uri=f"file:///{document_id}",
        digest=f"digest of {document_id}: {text}",
        text=text,
        title=title,
        lang="en",
        pages=(0,),
        meta=meta or {},
        acl=acl,
    )
    passages = []
    start = 0
    for index, piece in enumerate(texts):
        chunk = Chunk(
            id=f"{document_id}/{len(text)}/{index}",
            document_id=document_id,
            text=piece,
            start=start,
            end=start + len(piece),
            index=index,
            headings=("Part", "第一章"),
            title=title,
            uri=document.uri,
            lang="en",
            page=1,
            meta={"kind": "sample"},
        )
        passages.append(Passage(chunk, f"{title}\n{piece}", vector_of(piece)))
        start += len(piece) + 1
    state = DocumentState(
        document_id, document.uri, document.digest, "ok", chunks=len(texts), title=title, acl=acl
    )
    return IndexedDocument(document, state, tuple(passages))


def with_views(item: IndexedDocument, **views: Sequence[tuple[int, str]]) -> IndexedDocument:
    """The document with other views: by name, pairs of a chunk's index and a text by which it is found."""
    made = [
        Passage(item.passages[number].chunk, text, vector_of(text), view)
        for view, texts in views.items()
        for number, text in texts
    ]
    return replace(item, views=tuple(made))


def unread(
    document_id: str, reason: str, status: Literal["empty", "failed"] = "failed"
) -> IndexedDocument:
    """A document without text."""
    document = Document(document_id, f"file:///{document_id}", f"digest of {document_id}", "")
    state = DocumentState(document_id, document.uri, document.digest, status, reason, "mtime", "s")
    return IndexedDocument(document, state)


def vector_of(text: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """A unit vector of `DIMENSIONS` that the text determines."""
    seed = int.from_bytes(text.encode("utf-8", "replace")[:64].ljust(8, b"."), "big")
    vector = np.random.default_rng(seed).normal(size=DIMENSIONS)
    unit: np.ndarray[tuple[int], np.dtype[np.float32]] = (vector / np.linalg.norm(vector)).astype(
        np.float32
    )
    return unit


def may_read(acl: Acl, asker: Asker) -> bool:
    """Whether an asker may read; the owner at the machine reads everything."""
    if asker.trusted and asker.user is None:
        return True
    return acl.public or asker.user in acl.users or not set(asker.groups).isdisjoint(acl.groups)


def ids(items: Sequence[IndexedDocument]) -> list[str]:
    """The ids of documents, sorted."""
    return sorted(item.document.id for item in items)


def held_by(index: Index) -> Iterator[IndexedDocument]:
    """What an index holds, ordered by id, so that it can be put into another one or given other rights."""
    states = {state.id: state for state in index.states()}
    mentions = {one.chunk_id: one.entities for one in index.mentions()}
    for document in index.documents():
        chunks = index.chunks(document.id)
        vectors = index.vectors([chunk.id for chunk in chunks])
        passages = tuple(
            Passage(chunk, f"{chunk.title}\n{chunk.text}", vector, entities=mentions[chunk.id])
            for chunk, vector in zip(chunks, vectors, strict=True)
        )
        yield IndexedDocument(
            document, states[document.id], passages, tuple(index.views(document.id))
        )


def with_rights(one: IndexedDocument, acl: Acl) -> IndexedDocument:
    """The document with other readers."""
    return replace(one, document=replace(one.document, acl=acl), state=replace(one.state, acl=acl))
