"""A run with its questions, the failing ones first, and two runs beside each other."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse

from surefoot.config.flat import flat_settings
from surefoot.optimize.report.plot import interval_bar
from surefoot.serve.own.measured.comparing import PairFilters, compare, compared_questions
from surefoot.serve.own.measured.runs import RowFilters, RunId, delete, one_run, questions
from surefoot.serve.serving import Served
from surefoot.serve.web import how
from surefoot.serve.web.page import Shown
from surefoot.serve.web.screens.traces import moment
from surefoot.serve.who import Who

router = APIRouter(prefix="/ui/evaluate", include_in_schema=False)


@router.get("/compare", response_model=None)
async def compared(
    view: Shown, serving: Served, who: Who, wanted: Annotated[PairFilters, Query()]
) -> HTMLResponse:
    """Differences with their intervals and verdicts, settings that differ, wins and losses question by question."""
    request = view.request
    found = await compare(wanted.ids, request, serving, who)
    pairs = await compared_questions(wanted, request, serving, who)
    base, _, other = wanted.ids.partition(",")
    told = how.How(
        how.command("runs", "compare", base, other),
        how.call(view.base, f"/api/runs/compare?ids={wanted.ids}"),
    )
    return view.show(
        "evaluate/compared.html",
        how=told,
        found=found,
        pairs=pairs,
        wanted=wanted,
        interval_bar=interval_bar,
        moment=moment,
    )


@router.get("/runs/{run_id}", response_model=None)
async def run(
    run_id: RunId, view: Shown, serving: Served, who: Who, wanted: Annotated[RowFilters, Query()]
) -> HTMLResponse:
    """Scores with their intervals, what it took, the settings, and each question."""
    request = view.request
    found = await one_run(run_id, request, serving, who)
    rows = await questions(run_id, wanted, request, serving, who)
    told = how.How(
        how.command("runs", "show", found.id), how.call(view.base, f"/api/runs/{found.id}")
    )
    return view.show(
        "evaluate/run.html",
        how=told,
        run=found,
        rows=rows,
        wanted=wanted,
        settings=flat_settings(found.settings),
        moment=moment,
        interval_bar=interval_bar,
    )


@router.post("/runs/{run_id}/delete", response_model=None)
async def deleted(run_id: RunId, view: Shown, serving: Served, who: Who) -> RedirectResponse:
    """Deletes a run, and shows those that are left."""
    await delete(run_id, view.request, serving, who)
    return RedirectResponse("/ui/evaluate", 303)
