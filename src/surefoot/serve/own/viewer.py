"""`/documents/ID?start=&end=`: the page that citations link to; the document as plain text, the cited span marked."""

from __future__ import annotations

from html import escape
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from surefoot.core.types import Document
from surefoot.serve.own.documents import DocumentId, read_document
from surefoot.serve.serving import Served
from surefoot.serve.who import Who

router = APIRouter(tags=["surefoot"])
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_PAGE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/html": {}}}}
Place = Annotated[int | None, Query(ge=0, lt=2**31)]


@router.get("/documents/{document_id:path}", response_model=None, responses=_PAGE)
async def view(
    document_id: DocumentId,
    request: Request,
    serving: Served,
    who: Who,
    start: Place = None,
    end: Place = None,
) -> HTMLResponse:
    """The text of a document that the key may read, with the characters `start` to `end` marked."""
    who.require("search")
    found = await serving.desk.run(request, lambda _: read_document(who, document_id))
    size = len(found.text)
    first = min(start or 0, size)
    last = min(max(first, end or first), size)
    return HTMLResponse(_page(found, first, last), headers=_HEADERS)


def _page(document: Document, start: int, end: int) -> str:
    """All of it is text: nothing of a document is taken as HTML."""
    text, title = document.text, escape(document.title or document.id)
    marked = f'<mark id="cited">{escape(text[start:end])}</mark>' if end > start else ""
    body = f"{escape(text[:start])}{marked}{escape(text[end:])}"
    lang = {"en": "en", "zh": "zh-Hans"}.get(document.lang, "")
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
        f"<body><main><h1>{title}</h1><pre>\n{body}</pre></main></body></html>"
    )
