"""Sources: the cited span in its surroundings beside an answer, and the whole document with the span marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from surefoot.serve.own.documents import DocumentId, read_document
from surefoot.serve.serving import Served
from surefoot.serve.web.answers import path_of
from surefoot.serve.web.page import Shown
from surefoot.serve.who import Who

router = APIRouter(include_in_schema=False)
_AROUND: Final = 2500
Place = Annotated[int | None, Query(ge=0, lt=2**31)]


@dataclass(frozen=True, slots=True)
class Marked:
    """The text before, in and after a marked span, and whether more was left out on either side."""

    before: str
    cited: str
    after: str
    cut_before: bool = False
    cut_after: bool = False


def marked(text: str, start: int | None, end: int | None, around: int | None = None) -> Marked:
    """The span with `around` characters on each side, or with everything; places beyond the text are its end."""
    size = len(text)
    first = min(start or 0, size)
    last = min(max(first, end or first), size)
    left = 0 if around is None else max(0, first - around)
    right = size if around is None else min(size, last + around)
    return Marked(text[left:first], text[first:last], text[last:right], left > 0, right < size)


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
    span = marked(found.text, start, end, _AROUND)
    whole = f"/documents/{path_of(document_id)}?start={start or 0}&end={end or 0}"
    return view.show("source/beside.html", document=found, span=span, whole=whole)
