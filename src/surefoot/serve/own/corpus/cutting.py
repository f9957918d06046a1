"""`POST /api/chunks/preview`: how a text or a document would be cut, with the chunker in force or another."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, JsonValue, model_validator

from surefoot.core.lang import detect
from surefoot.core.types import Document, Markup
from surefoot.run.preview import Piece, Preview, preview_document
from surefoot.serve.own.documents import read_document
from surefoot.serve.own.rights import require_owner
from surefoot.serve.serving import Served
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/api/chunks", tags=["surefoot"])
_MOST_CHARS = 1_000_000
Setting = Annotated[str, Field(pattern=r"^[a-z_]{1,60}$")]


class PreviewRequest(BaseModel, extra="forbid"):
    """A text, or the id of a document; `chunker` are settings with their `kind`, those in force if null.

    Pieces come from the one with index `first`, at most `limit`.
    """

    text: Annotated[str, Field(max_length=_MOST_CHARS)] = ""
    title: Annotated[str, Field(max_length=2000)] = ""
    markup: Markup = "markdown"
    document_id: Annotated[str, Field(max_length=2000)] = ""
    chunker: Annotated[dict[Setting, JsonValue], Field(max_length=50)] | None = None
    first: Annotated[int, Field(ge=0, lt=2**31)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 200

    @model_validator(mode="after")
    def _one_of_them(self) -> PreviewRequest:
        if bool(self.text.strip()) == bool(self.document_id):
            raise ValueError("give a text or a document_id")
        return self


class CutPiece(BaseModel):
    """`text[start:end]`: its `tokens` as the encoder reads it, and the characters it shares with the one before."""

    index: int
    start: int
    end: int
    tokens: int
    overlap: int
    page: int | None
    headings: list[str]
    text: str


class PreviewReply(BaseModel):
    """How a text is cut. `max_tokens` is what the encoder reads of a piece; `total` counts all pieces."""

    document_id: str
    title: str
    lang: str
    characters: int
    max_tokens: int
    chunker: dict[str, Any]
    pieces: list[CutPiece]
    total: int
    next: int | None


@router.post("/preview")
async def preview(
    body: PreviewRequest, request: Request, serving: Served, who: Who
) -> PreviewReply:
    """Cuts without changing anything; another chunker than the one in force is for who runs the server."""
    who.require("search")
    if body.chunker is not None:
        require_owner(who)
    found = await serving.desk.run(request, lambda _: _cut(who, body))
    end = body.first + body.limit
    return PreviewReply(
        document_id=body.document_id,
        title=found.title,
        lang=found.lang,
        characters=found.chars,
        max_tokens=found.max_tokens,
        chunker=dict(found.chunker),
        pieces=[_piece(one) for one in found.pieces[body.first : end]],
        total=len(found.pieces),
        next=end if len(found.pieces) > end else None,
    )


def _cut(who: Principal, body: PreviewRequest) -> Preview:
    if body.document_id:
        document = read_document(who, body.document_id)
    else:
        lang = detect(body.text)
        document = Document(
            "preview", "", "", body.text, title=body.title, lang=lang, markup=body.markup
        )
    with who.using() as space:
        return preview_document(space, document, body.chunker)


def _piece(one: Piece) -> CutPiece:
    chunk = one.chunk
    return CutPiece(
        index=chunk.index,
        start=chunk.start,
        end=chunk.end,
        tokens=one.tokens,
        overlap=one.overlap,
        page=chunk.page,
        headings=list(chunk.headings),
        text=chunk.text,
    )
