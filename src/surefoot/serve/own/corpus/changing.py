"""`PATCH` and `DELETE /api/documents/ID`: metadata and rights of what was uploaded, and what is taken away."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from surefoot.core.types import Acl
from surefoot.ingest.sources.uploads import document_id as id_of_upload
from surefoot.run.switching import switch
from surefoot.serve.holdings import Holdings, holdings, writing
from surefoot.serve.openai.files import member_id
from surefoot.serve.own.documents import DocumentId, ListedText, head, read_any, read_document
from surefoot.serve.own.rights import require_owner
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served
from surefoot.serve.who import Principal, Who
from surefoot.store.uploads import Upload

router = APIRouter(prefix="/api/documents", tags=["surefoot"])
_UPLOADED = id_of_upload("")
Name = Annotated[str, Field(min_length=1, max_length=200)]
Value = (
    Annotated[str, Field(max_length=2000)]
    | bool
    | Annotated[int, Field(ge=-(2**53), le=2**53)]
    | Annotated[float, Field(allow_inf_nan=False)]
    | Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=100)]
)


class Rights(BaseModel, extra="forbid"):
    """Who may read a document: everybody, or these users and groups."""

    public: bool = False
    users: Annotated[list[Name], Field(max_length=1000)] = []
    groups: Annotated[list[Name], Field(max_length=1000)] = []


class DocumentChange(BaseModel, extra="forbid"):
    """What changes of a document; what is null stays. `metadata` takes the place of all that it had.

    With `enabled` false nothing finds it, in no solution, whatever is synced; true puts it back.
    """

    enabled: bool | None = None
    metadata: Annotated[dict[Name, Value], Field(max_length=100)] | None = None
    acl: Rights | None = None


class ChangedText(ListedText):
    """A document as it is now, with who may read it, and whether it is found at all."""

    acl: Rights
    enabled: bool = True


class RemovedText(BaseModel):
    """What was removed. `returns` says that the next sync reads it again, while its source offers it."""

    id: str
    deleted: bool = True
    returns: bool


@router.patch("/{document_id:path}")
async def change(
    document_id: DocumentId, body: DocumentChange, request: Request, serving: Served, who: Who
) -> ChangedText:
    """Changes metadata or rights of an uploaded document, or switches any off; all solutions have it so then.

    Rights are changed by who reads everything, who also switches off what lies in a source; all else of that is
    changed there.
    """
    who.require("write")
    if body.acl is not None:
        require_owner(who)
    return await serving.desk.run(request, lambda _: _changed(who, document_id, body))


@router.delete("/{document_id:path}")
async def remove(
    document_id: DocumentId, request: Request, serving: Served, who: Who
) -> RemovedText:
    """Removes a document with all that came from it; nothing finds its text when this returns.

    One's own uploads are gone for good; what lies in a source is removed by who reads everything.
    """
    who.require("write")
    return await serving.desk.run(request, lambda _: _removed(who, document_id))


def _changed(who: Principal, document_id: str, body: DocumentChange) -> ChangedText:
    _, enabled = read_any(who, document_id)
    if document_id.startswith(_UPLOADED):
        _describe(who, document_id, body)
    elif body.metadata is not None or body.acl is not None:
        text = "metadata and rights of this document come from its source, and are changed there"
        raise Refused(409, text, code="source", param="document_id")
    else:
        require_owner(who)
    if body.enabled not in (None, enabled):
        with writing(who.tenant) as spaces:
            switch(spaces, [document_id], on=bool(body.enabled))
    found, enabled = read_any(who, document_id)
    rights = Rights(
        public=found.acl.public, users=list(found.acl.users), groups=list(found.acl.groups)
    )
    return ChangedText(**head(found), acl=rights, enabled=enabled)


def _describe(who: Principal, document_id: str, body: DocumentChange) -> None:
    """Gives an upload the metadata and rights that are wanted."""
    with holdings(who) as held:
        upload = _own(held, document_id)
        if body.metadata is not None:
            meta = {
                key: tuple(value) if isinstance(value, list) else value
                for key, value in body.metadata.items()
            }
            upload = replace(upload, meta=meta)
        if body.acl is not None:
            acl = Acl(body.acl.public, tuple(body.acl.users), tuple(body.acl.groups))
            upload = replace(upload, acl=acl)
        if body.metadata is not None or body.acl is not None:
            held.publish([upload])


def _removed(who: Principal, document_id: str) -> RemovedText:
    if document_id.startswith(_UPLOADED):
        with holdings(who) as held:
            upload = _own(held, document_id)
            held.erase([upload.id])
            for store in upload.stores:
                held.records.delete(member_id(store, upload.id))
        return RemovedText(id=document_id, returns=False)
    if not who.asker.is_owner:
        read_document(who, document_id)
        require_owner(who)
    with writing(who.tenant) as spaces:
        if not sum(space.remove([document_id]) for space in spaces):
            raise Refused(404, "there is no such document", code="not_found", param="document_id")
    return RemovedText(id=document_id, returns=True)


def _own(held: Holdings, document_id: str) -> Upload:
    id = document_id.removeprefix(_UPLOADED)
    return held.own(held.uploads.find(id), "document", document_id)
