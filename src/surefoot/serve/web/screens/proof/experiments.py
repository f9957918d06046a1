"""Searches and comparisons that are kept: their reports, going on with them, deleting them."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from surefoot.optimize.kept_experiments import ExperimentKind
from surefoot.serve.own.measured import experiments as own
from surefoot.serve.serving import Served
from surefoot.serve.web import how
from surefoot.serve.web.page import Shown
from surefoot.serve.web.screens.traces import moment
from surefoot.serve.who import Who

router = APIRouter(prefix="/ui/evaluate/experiments", include_in_schema=False)


@router.get("", response_model=None)
async def page(view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """All of them, the one begun last first."""
    found = await own.experiments(view.request, serving, who)
    told = how.How(how.command("experiments", "list"), how.call(view.base, "/api/experiments"))
    return view.show("evaluate/experiments.html", how=told, found=found.data, moment=moment)


@router.post("/{kind}/{id}/resume", response_model=None)
async def resumed(
    kind: ExperimentKind, id: own.ExperimentId, view: Shown, serving: Served, who: Who
) -> RedirectResponse:
    """Goes on with one, and shows its job."""
    job = await own.resume(kind, id, view.request, serving, who)
    return RedirectResponse(f"/ui/jobs/{job.id}", 303)


@router.post("/{kind}/{id}/delete", response_model=None)
async def deleted(
    kind: ExperimentKind, id: own.ExperimentId, view: Shown, serving: Served, who: Who
) -> RedirectResponse:
    """Deletes one, and shows those that are left."""
    await own.delete(kind, id, view.request, serving, who)
    return RedirectResponse("/ui/evaluate/experiments", 303)
