"""The file that a document was read from, where it is a picture, a recording or a PDF, and its pages as PNG."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse

from surefoot.run.originals import Original, needed_original, page_of
from surefoot.serve.own.documents import DocumentId
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/api/documents", tags=["surefoot"])
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
}
_PDF: Final = "application/pdf"
_SIGNS: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (4, b"ftypM4A", "audio/mp4"),
    (0, b"%PDF-", _PDF),
)
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {kind: {} for kind in ("image/*", "audio/*", _PDF)}}
}
_PNG: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"image/png": {}}}}


@router.get("/{document_id:path}/original", response_class=FileResponse, responses=_FILE)
async def original(
    document_id: DocumentId, request: Request, serving: Served, who: Who
) -> FileResponse:
    """The file itself: PNG, JPEG, WebP, WAV, MP3, Ogg, FLAC and M4A to be shown, PDF to be saved, nothing else."""
    who.require("search")

    def work() -> FileResponse:
        with who.tenant.using() as space:
            found = needed_original(space, document_id, who.asker)
        kind = safe_type(found.file)
        if not kind:
            text = "originals of this type are not given out: it has no harmless way to be shown"
            raise Refused(415, text, code="unsupported", param="document_id")
        way = "attachment" if kind == _PDF else "inline"
        return FileResponse(
            found.file,
            media_type=kind,
            filename=found.name,
            content_disposition_type=way,
            headers=_HEADERS,
        )

    return await serving.desk.run(request, lambda _: work())


@router.get("/{document_id:path}/pages/{page}.png", response_class=Response, responses=_PNG)
async def page_picture(
    document_id: DocumentId,
    page: Annotated[int, InPath(ge=1, lt=100_000)],
    request: Request,
    serving: Served,
    who: Who,
) -> Response:
    """A page of a PDF, or a picture, as PNG; 501 where the packages that draw pages are not installed."""
    who.require("search")
    data = await serving.desk.run(request, lambda _: _drawn(who, document_id, page))
    headers = _HEADERS | {"Cache-Control": "private, max-age=300"}
    return Response(data, media_type="image/png", headers=headers)


def safe_type(file: Path) -> str:
    """The media type of a file by its first bytes; empty where it is none of those that are given out."""
    with file.open("rb") as opened:
        head = opened.read(16)
    for at, sign, kind in _SIGNS:
        if head[at : at + len(sign)] == sign and (at != 8 or head[:4] == b"RIFF"):
            return kind
    return ""


def _drawn(who: Principal, document_id: str, page: int) -> bytes:
    with who.tenant.using() as space:
        found: Original = needed_original(space, document_id, who.asker)
        return page_of(space, found, page)
