"""One document: how it is cut, would be cut otherwise and is found, its metadata and who may read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from surefoot.config.registry import Registry
from surefoot.serve.answering import MAX_QUESTION
from surefoot.serve.own.corpus.changing import DocumentChange, Rights, change
from surefoot.serve.own.corpus.cutting import CutPiece, PreviewRequest, preview
from surefoot.serve.own.documents import (
    CutText,
    CutTexts,
    DocumentId,
    chunks,
    read_any,
    read_document,
)
from surefoot.serve.search import SearchRequest, find
from surefoot.serve.serving import Served
from surefoot.serve.web import how
from surefoot.serve.web.answers import path_of
from surefoot.serve.web.page import Shown
from surefoot.serve.web.screens.documents import is_owner, of_document
from surefoot.serve.who import Who

router = APIRouter(prefix="/ui/documents", include_in_schema=False)
_CHUNKS: Final = 40
_LOOKED_AT: Final = 50
_ROWS: Final = 2
_MOST: Final = 2**31
Name = Annotated[str, Field(max_length=200)]
Value = Annotated[str, Field(max_length=20_000)]


@dataclass(frozen=True, slots=True)
class Cut:
    """A chunk as it lies over the text: `shared` is what the one before holds too, `gap` what none holds."""

    index: int
    size: int
    gap: str
    shared: str
    text: str
    headings: Sequence[str]
    page: int | None
    tokens: int | None = None


class CutForm(BaseModel):
    """Another way to cut, or the one in force where `kind` is empty; pieces from the one with index `first`."""

    kind: Annotated[str, Field(pattern=r"^([a-z][\w-]{0,60})?$")] = ""
    max_tokens: Annotated[int | None, Field(ge=1, lt=100_000)] = None
    first: Annotated[int, Field(ge=0, lt=_MOST)] = 0


class AboutForm(BaseModel):
    """Metadata in rows, and who may read; commas part names."""

    key: Annotated[list[Name], Field(max_length=100)] = []
    value: Annotated[list[Value], Field(max_length=100)] = []
    rights: bool = False
    public: bool = False
    users: Value = ""
    groups: Value = ""

    def change(self) -> DocumentChange:
        """What `PATCH /api/documents/ID` takes."""
        rows = zip(self.key, self.value, strict=False)
        meta = {key.strip(): _typed(value) for key, value in rows if key.strip() and value.strip()}
        acl = Rights(public=self.public, users=_names(self.users), groups=_names(self.groups))
        return DocumentChange(metadata=meta, acl=acl if self.rights else None)


@router.get("/one/{document_id:path}", response_model=None)
async def one(
    document_id: DocumentId,
    view: Shown,
    serving: Served,
    who: Who,
    first: Annotated[int, Query(ge=0, lt=_MOST)] = 0,
) -> HTMLResponse:
    """The document with its chunks laid over the text."""
    who.require("search")
    found, enabled = await serving.desk.run(view.request, lambda _: read_any(who, document_id))
    cut = CutTexts(data=[], next=None)
    if enabled:
        cut = await chunks(document_id, view.request, serving, who, first=first, limit=_CHUNKS)
    place = f"/api/documents/{path_of(document_id)}"
    told = how.How(call=how.call(view.base, f"{place}/chunks?first={first}&limit={_CHUNKS}"))
    with who.tenant.using() as space:
        in_force = space.resources.corpus.chunk.model_dump(mode="json")
    return view.show(
        "documents/one.html",
        how=told,
        document=found,
        enabled=enabled,
        cuts=laid(found.text, cut.data),
        first=first,
        more=cut.next,
        viewer=f"/documents/{path_of(document_id)}",
        here=of_document(document_id),
        path=path_of(document_id),
        in_force=in_force,
        kinds=Registry().kinds("chunker"),
        is_owner=is_owner(who),
        may_write=who.key is None or who.key.may("write"),
        rows=_ROWS,
        shown_value=shown_value,
    )


@router.post("/cut/{document_id:path}", response_model=None)
async def cut(
    document_id: DocumentId,
    view: Shown,
    serving: Served,
    who: Who,
    form: Annotated[CutForm, Form()],
) -> HTMLResponse:
    """How the document would be cut otherwise; nothing is changed."""
    chunker = {"kind": form.kind, "max_tokens": form.max_tokens}
    wanted: dict[str, Any] = {name: value for name, value in chunker.items() if value}
    body = PreviewRequest(
        document_id=document_id,
        chunker=wanted if form.kind else None,
        first=form.first,
        limit=_CHUNKS,
    )
    reply = await preview(body, view.request, serving, who)
    found = await serving.desk.run(view.request, lambda _: read_document(who, document_id))
    told = how.How(call=how.call(view.base, "/api/chunks/preview", body.model_dump()))
    return view.show(
        "documents/cut.html",
        how=told,
        reply=reply,
        cuts=laid(found.text, reply.pieces),
        form=form,
        path=path_of(document_id),
    )


@router.post("/try/{document_id:path}", response_model=None)
async def tried(
    document_id: DocumentId,
    view: Shown,
    serving: Served,
    who: Who,
    question: Annotated[str, Form(min_length=1, max_length=MAX_QUESTION)],
) -> HTMLResponse:
    """At which rank a question finds chunks of this document, among all that the key may read."""
    await serving.desk.run(view.request, lambda _: read_document(who, document_id))
    body = SearchRequest(query=question, limit=_LOOKED_AT)
    reply = await find(body, view.request, serving, who)
    ranked = [(rank, hit) for rank, hit in enumerate(reply.data, 1)]
    mine = [(rank, hit) for rank, hit in ranked if hit.document_id == document_id]
    told = how.How(
        how.command("search", question, "--limit", str(_LOOKED_AT)),
        how.call(view.base, "/v1/search", body.model_dump(exclude_defaults=True)),
    )
    return view.show(
        "documents/tried.html",
        how=told,
        mine=mine,
        looked_at=len(ranked),
        best=ranked[0][1] if ranked else None,
        path_of=path_of,
        trace=reply.trace_id,
    )


@router.post("/about/{document_id:path}", response_model=None)
async def about(
    document_id: DocumentId,
    view: Shown,
    serving: Served,
    who: Who,
    form: Annotated[AboutForm, Form()],
) -> RedirectResponse:
    """Changes metadata and rights of an upload."""
    await change(document_id, form.change(), view.request, serving, who)
    return RedirectResponse(of_document(document_id), 303)


@router.post("/switch/{document_id:path}", response_model=None)
async def switched(
    document_id: DocumentId,
    view: Shown,
    serving: Served,
    who: Who,
    enabled: Annotated[bool, Form()],
) -> RedirectResponse:
    """Switches a document off or on."""
    await change(document_id, DocumentChange(enabled=enabled), view.request, serving, who)
    return RedirectResponse(of_document(document_id), 303)


def laid(text: str, cuts: Sequence[CutText | CutPiece]) -> list[Cut]:
    """Chunks in the order of the text, each with what it shares and what lies before it that none holds."""
    found: list[Cut] = []
    end = cuts[0].start if cuts else 0
    for one in cuts:
        inner = min(max(one.start, end), one.end)
        found.append(
            Cut(
                index=one.index,
                size=one.end - one.start,
                gap=text[end : one.start].strip() if one.start > end else "",
                shared=text[one.start : inner],
                text=text[inner : one.end],
                headings=one.headings,
                page=one.page,
                tokens=one.tokens if isinstance(one, CutPiece) else None,
            )
        )
        end = max(end, one.end)
    return found


def shown_value(value: Any) -> str:
    """A value of metadata as a field holds it: text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _typed(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text.strip()
    plain = isinstance(value, str | int | float | bool)
    listed = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return value if plain or listed else text.strip()


def _names(text: str) -> list[str]:
    return [one.strip() for one in text.replace("，", ",").split(",") if one.strip()]
