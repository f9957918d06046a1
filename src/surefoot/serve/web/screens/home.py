"""Home: what is served, what happened lately, and the next best thing to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from surefoot.serve.own.home import GuideChange, guide, put_guide, steps
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


_WAY: Final[Mapping[str, str]] = {
    "add": "/ui/documents",
    "ask": "/ui/ask",
    "judge": "/ui/ask",
    "evalset": "/ui/evaluate",
    "evaluate": "/ui/evaluate",
    "prove": "/ui/tune",
}
"""The screen where a step of the guide is taken."""
_BESIDE_THE_WAY: Final = ("mend", "feedback")
"""What may be pressing while the guide is shown; it has the rest."""


@router.get("", response_model=None)
async def page(view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """Documents, solutions, the latest questions and runs, and what to do next."""
    who.require("admin")
    request = view.request
    shown = {screen.path for screen in view.screens}
    todo, way = await steps(request, serving, who), await guide(request, serving, who)
    return view.show(
        "home/page.html",
        how=how.How(how.command("status"), how.call(view.base, "/api/next")),
        served=await status(request, serving, who),
        guide=way,
        way=_WAY,
        steps=[
            (one, _PLACES[one.action])
            for one in todo.data
            if not way.shown or one.action in _BESIDE_THE_WAY
        ],
        screens_known=shown,
        traces=(await traces(TraceFilters(limit=_LATELY), request, serving, who)).data,
        runs=(await runs(RunFilters(limit=_LATELY), request, serving, who)).data,
        moment=moment,
    )


@router.post("/guide", response_model=None)
async def guided(
    view: Shown, serving: Served, who: Who, shown: Annotated[bool, Form()]
) -> RedirectResponse:
    """Puts the guide away, or takes it out again."""
    await put_guide(GuideChange(shown=shown), view.request, serving, who)
    return RedirectResponse("/ui/home", 303)
