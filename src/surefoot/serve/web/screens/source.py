"""Sources: the cited span in its surroundings beside an answer, and the whole document with the span marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from surefoot.core.regions import covering
from surefoot.core.types import Document, Region
from surefoot.run.originals import can_draw, original_of
from surefoot.serve.own.documents import DocumentId, read_document
from surefoot.serve.own.originals import safe_type
from surefoot.serve.serving import Served
from surefoot.serve.web import how
from surefoot.serve.web.answers import path_of
from surefoot.serve.web.page import Shown
from surefoot.serve.web.reading import reading
from surefoot.serve.who import Principal, Who

router = APIRouter(include_in_schema=False)
_AROUND: Final = 2500
Place = Annotated[int | None, Query(ge=0, lt=2**31)]


@dataclass(frozen=True, slots=True)
class Beside:
    """The original beside the text: its type, whether pages can be drawn, the page to show, and the cited place.

    `kind` is empty where there is no original that can be shown; `pages` 0 where it has none.
    """

    kind: str = ""
    drawn: bool = False
    pages: int = 0
    page: int = 0
    place: Region | None = None


class Cited(BaseModel):
    """The characters that are cited; `at` shows another part of a long document, `page` another page of it."""

    start: Annotated[int, Field(ge=0, lt=2**31)] = 0
    end: Annotated[int, Field(ge=0, lt=2**31)] = 0
    at: Annotated[int | None, Field(ge=0, lt=2**31)] = None
    page: Annotated[int, Field(ge=0, lt=100_000)] = 0

    def span(self, text: str) -> tuple[int, int]:
        """Where it begins and ends; places beyond the text are its end."""
        first = min(self.start, len(text))
        return first, min(max(first, self.end), len(text))


def beside(who: Principal, document: Document, span: tuple[int, int], page: int) -> Beside:
    """What can be shown of the original of a document, at the span or at a page that was asked for."""
    with who.tenant.using() as space:
        found = original_of(space, document)
    if found is None:
        return Beside()
    place = covering(document.regions, *span) if span[1] > span[0] else None
    in_regions = max((one.page or 0 for one in document.regions), default=0)
    pages = (len(document.pages) or in_regions or 1) if found.has_pages else 0
    cited = place.page if place is not None and place.page else page_at(document, span[0])
    shown = min(page or cited, pages)
    here = place if place is not None and (place.page or shown) == shown else None
    return Beside(safe_type(found.file), can_draw(), pages, shown, here)


def page_at(document: Document, place: int) -> int:
    """The page that a character stands on, from 1; 1 where the format has no pages."""
    return max(1, sum(start <= place for start in document.pages))


@router.get("/documents/{document_id:path}", response_model=None)
async def whole(
    document_id: DocumentId,
    view: Shown,
    serving: Served,
    who: Who,
    wanted: Annotated[Cited, Query()],
) -> HTMLResponse:
    """The document, the characters `start` to `end` marked, beside its original where that can be shown."""
    who.require("search")

    def work() -> tuple[Document, tuple[int, int], Beside]:
        found = read_document(who, document_id)
        span = wanted.span(found.text)
        return found, span, beside(who, found, span, wanted.page)

    found, span, original = await serving.desk.run(view.request, lambda _: work())
    address = f"/documents/{path_of(document_id)}?start={span[0]}&end={span[1]}"
    told = how.How(call=how.call(view.base, f"/api/documents/{path_of(document_id)}"))
    return view.show(
        "source/document.html",
        how=told,
        document=found,
        span=span,
        shown=reading(found, *span, wanted.at),
        original=original,
        files=f"/api/documents/{path_of(document_id)}",
        address=address,
        clock=clock,
        listed=f"/ui/documents/one/{path_of(document_id)}",
    )


def clock(seconds: float) -> str:
    """Seconds as people read them: `1:02:03` or `2:03`."""
    whole_s = int(seconds)
    hours, minutes, rest = whole_s // 3600, whole_s // 60 % 60, whole_s % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


@router.get("/ui/source/{document_id:path}", response_model=None)
async def source(
    document_id: DocumentId,
    view: Shown,
    serving: Served,
    who: Who,
    start: Place = None,
    end: Place = None,
) -> HTMLResponse:
    """The span in its surroundings."""
    who.require("search")
    found = await serving.desk.run(view.request, lambda _: read_document(who, document_id))
    span = Cited(start=start or 0, end=end or 0).span(found.text)
    whole = f"/documents/{path_of(document_id)}?start={span[0]}&end={span[1]}"
    shown = reading(found, *span, window=_AROUND)
    return view.show("source/beside.html", document=found, shown=shown, clock=clock, whole=whole)
