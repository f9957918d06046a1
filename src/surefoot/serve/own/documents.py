"""`/api/documents`: what the key may read, in pages; the text of one, and how it is cut."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel

from surefoot.core.roles import Listing, Scope
from surefoot.core.types import Document, MetaValue
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/api/documents", tags=["surefoot"])
DocumentId = Annotated[str, Path(min_length=1, max_length=2000)]


class ListedText(BaseModel):
    """A document without its text."""

    id: str
    title: str
    uri: str
    lang: str
    characters: int
    metadata: dict[str, MetaValue]


class ListedTexts(BaseModel):
    """Documents by id; `next` is what to give as `after` for those that follow, empty at the end."""

    data: list[ListedText]
    next: str


class WholeText(ListedText):
    """A document with its text; `pages` holds the character at which each page starts."""

    text: str
    markup: str
    pages: list[int]
    digest: str


class CutText(BaseModel):
    """A chunk: its text is `document.text[start:end]`."""

    id: str
    index: int
    start: int
    end: int
    page: int | None
    headings: list[str]
    text: str


class CutTexts(BaseModel):
    """The chunks of a document in order; `next` is the index of the one that follows, None at the end."""

    data: list[CutText]
    next: int | None


@router.get("")
async def documents(
    request: Request,
    serving: Served,
    who: Who,
    after: Annotated[str, Query(max_length=2000)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ListedTexts:
    """The documents that the key may read, by id."""
    who.require("search")
    return await serving.desk.run(request, lambda _: _listed(who, after, limit))


@router.get("/{document_id:path}/chunks")
async def chunks(
    document_id: DocumentId,
    request: Request,
    serving: Served,
    who: Who,
    first: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> CutTexts:
    """How a document is cut, from the chunk with index `first`."""
    who.require("search")
    return await serving.desk.run(request, lambda _: _cut(who, document_id, first, limit))


@router.get("/{document_id:path}")
async def document(
    document_id: DocumentId, request: Request, serving: Served, who: Who
) -> WholeText:
    """A document with its text."""
    who.require("search")
    found = await serving.desk.run(request, lambda _: read_document(who, document_id))
    return WholeText(
        **head(found),
        text=found.text,
        markup=found.markup,
        pages=list(found.pages),
        digest=found.digest,
    )


def read_document(who: Principal, document_id: str) -> Document:
    """A document that the principal may read.

    Raises:
        Refused: 404, there is none, or it is another's; which of both is not told.
    """
    with who.using() as space:
        found = space.resources.index().document(document_id, scope=Scope(asker=who.asker))
    if found is None:
        raise Refused(404, "there is no document of this id", code="not_found", param="document_id")
    return found


def read_any(who: Principal, document_id: str) -> tuple[Document, bool]:
    """A document that the principal may read, be it switched off, and whether it is on.

    Raises:
        Refused: 404, as `read_document` does.
    """
    scope = Scope(asker=who.asker)
    with who.using() as space:
        index = space.resources.index()
        found = index.document(document_id, scope=scope)
        if found is None and (off := index.document(document_id, scope=scope, off=True)):
            return off, False
    return found or read_document(who, document_id), True


def _listed(who: Principal, after: str, limit: int) -> ListedTexts:
    part = Listing(after, limit + 1)
    with who.using() as space:
        found = space.resources.index().documents(scope=Scope(asker=who.asker), part=part)
        page = [ListedText(**head(one)) for one in found]
    more = len(page) > limit
    return ListedTexts(data=page[:limit], next=page[limit - 1].id if more else "")


def _cut(who: Principal, document_id: str, first: int, limit: int) -> CutTexts:
    read_document(who, document_id)
    with who.using() as space:
        index = space.resources.index()
        scope = Scope(asker=who.asker)
        found = index.chunks(document_id, first=first, last=first + limit, scope=scope)
    data = [
        CutText(
            id=one.id,
            index=one.index,
            start=one.start,
            end=one.end,
            page=one.page,
            headings=list(one.headings),
            text=one.text,
        )
        for one in found
    ]
    return CutTexts(data=data[:limit], next=found[limit].index if len(found) > limit else None)


def head(document: Document) -> dict[str, Any]:
    """The fields of `ListedText`."""
    return {
        "id": document.id,
        "title": document.title or document.id,
        "uri": document.uri,
        "lang": document.lang,
        "characters": len(document.text),
        "metadata": dict(document.meta),
    }
