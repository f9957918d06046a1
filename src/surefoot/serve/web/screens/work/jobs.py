"""Jobs: all of them, and one as it runs, with its losses; stopped, gone on with, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse

from surefoot.optimize.report.losses import LossPoint, loss_plot
from surefoot.serve.own.jobs.routes import (
    JobId,
    all_jobs,
    cancel,
    delete,
    lines,
    one_job,
    resume,
)
from surefoot.serve.own.jobs.shapes import ToldLine
from surefoot.serve.paging import Page
from surefoot.serve.serving import Served
from surefoot.serve.web import how
from surefoot.serve.web.page import Shown
from surefoot.serve.web.screens.traces import moment
from surefoot.serve.who import Who

router = APIRouter(prefix="/ui/jobs", include_in_schema=False)
_SHOWN: Final = 30
_NOTES: Final = 40


@router.get("", response_model=None)
async def page(
    view: Shown, serving: Served, who: Who, after: Annotated[str, Query(max_length=64)] = ""
) -> HTMLResponse:
    """All jobs, the newest first."""
    found = await all_jobs(
        view.request, serving, who, Page(limit=_SHOWN, order="desc", after=after, before="")
    )
    return view.show(
        "jobs/page.html",
        how=how.How(call=how.call(view.base, "/api/jobs")),
        jobs=found.data,
        next=found.last_id if found.has_more else "",
        first=not after,
        moment=moment,
    )


@router.get("/{job_id}", response_model=None)
async def one(job_id: JobId, view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """A job; while it goes on, the page asks for this part of itself again."""
    job = await one_job(job_id, view.request, serving, who)
    told = await lines(job_id, view.request, serving, who, after=0)
    return view.show(
        "jobs/state.html" if view.is_part else "jobs/one.html",
        how=how.How(job.command, how.call(view.base, f"/api/jobs/{job_id}/events")),
        job=job,
        notes=[line.note for line in told.data if line.note][-_NOTES:],
        plot=loss_plot(losses_of(told.data)),
        moment=moment,
    )


@router.post("/{job_id}/{action}", response_model=None)
async def act(
    job_id: JobId, action: str, view: Shown, serving: Served, who: Who
) -> RedirectResponse:
    """Stops a job, goes on with it, or deletes it."""
    if action == "delete":
        await delete(job_id, view.request, serving, who)
        return RedirectResponse("/ui/jobs", 303)
    await (cancel if action == "cancel" else resume)(job_id, view.request, serving, who)
    return RedirectResponse(f"/ui/jobs/{job_id}", 303)


def losses_of(told: Sequence[ToldLine]) -> list[LossPoint]:
    """What a training told of its losses, by step; a step that it took again after a stop counts as it was last."""
    found: dict[int, LossPoint] = {}
    for line in told:
        seen = line.progress
        if seen is None or (seen.loss is None and seen.dev_loss is None):
            continue
        before = found.get(seen.done, LossPoint(seen.done))
        found[seen.done] = LossPoint(
            seen.done,
            before.loss if seen.loss is None else seen.loss,
            before.dev if seen.dev_loss is None else seen.dev_loss,
        )
    return list(found.values())
