"""Home: what is served, what happened lately, and the next best thing to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from surefoot.serve.own.home import steps
from surefoot.serve.own.measured.runs import RunFilters, runs
from surefoot.serve.own.traces import status
from surefoot.serve.own.tracing import TraceFilters, traces
from surefoot.serve.serving import Served
from surefoot.serve.web import how
from surefoot.serve.web.page import Shown
from surefoot.serve.web.screens.traces import moment
from surefoot.serve.who import Who

router = APIRouter(prefix="/ui/home", include_in_schema=False)
_LATELY: Final = 6
_PLACES: Final[Mapping[str, str]] = {
    "add": "/ui/documents",
    "mend": "/ui/documents",
    "ask": "/ui/ask",
    "evalset": "/ui/evaluate",
    "feedback": "/ui/evaluate",
    "evaluate": "/ui/evaluate",
    "optimize": "/ui/tune",
    "compare": "/ui/tune",
}
"""The screen where an action is done."""


@router.get("", response_model=None)
async def page(view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """Documents, solutions, the latest questions and runs, and what to do next."""
    who.require("admin")
    request = view.request
    shown = {screen.path for screen in view.screens}
    todo = await steps(request, serving, who)
    return view.show(
        "home/page.html",
        how=how.How(how.command("status"), how.call(view.base, "/api/next")),
        served=await status(request, serving, who),
        steps=[(one, _PLACES[one.action]) for one in todo.data],
        screens_known=shown,
        traces=(await traces(TraceFilters(limit=_LATELY), request, serving, who)).data,
        runs=(await runs(RunFilters(limit=_LATELY), request, serving, who)).data,
        moment=moment,
    )
