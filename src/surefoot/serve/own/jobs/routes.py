"""`/api/jobs`: long commands begun, watched, ended and gone on with; `surefoot` in a shell does the same."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Header, Path, Query, Request
from fastapi.responses import StreamingResponse

from surefoot.serve.own.jobs.beginning import begin, foresee
from surefoot.serve.own.jobs.beginning import resume as go_on
from surefoot.serve.own.jobs.events import job_events
from surefoot.serve.own.jobs.kinds import AnyJob
from surefoot.serve.own.jobs.shapes import (
    Foreseen,
    OwnJob,
    ToldLines,
    WholeJob,
    own_job,
    told_line,
    whole_job,
)
from surefoot.serve.own.rights import require_owner
from surefoot.serve.paging import Deleted, Listed, Paged, listed
from surefoot.serve.serving import Served
from surefoot.serve.who import Who

router = APIRouter(prefix="/api/jobs", tags=["jobs"])
JobId = Annotated[str, Path(pattern=r"^(job|ftjob)-[0-9a-f]{32}$")]
AnyBody = Annotated[AnyJob, Body()]
_STREAM: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/event-stream": {}}}}
Number = Annotated[int, Query(ge=0, lt=2**31)]


@router.post("")
async def create(body: AnyBody, request: Request, serving: Served, who: Who) -> OwnJob:
    """Puts a command into the queue of the workspace; one runs at a time."""
    require_owner(who)
    return await serving.desk.run(request, lambda _: own_job(begin(body, who), who.tenant.jobs))


@router.get("")
async def all_jobs(request: Request, serving: Served, who: Who, page: Paged) -> Listed[OwnJob]:
    """The jobs of the workspace, in pages."""
    require_owner(who)
    jobs = who.tenant.jobs

    def work() -> Listed[OwnJob]:
        some, more = page.of(jobs.all())
        return Listed[OwnJob](**listed([own_job(one, jobs) for one in some], more))

    return await serving.desk.run(request, lambda _: work())


@router.post("/forecast")
async def forecast(body: AnyBody, request: Request, serving: Served, who: Who) -> Foreseen:
    """What a job will take, where its command can say so: `--dry-run`, of an evaluation `--forecast`."""
    require_owner(who)
    limit_s = serving.settings.serve_timeout_s
    return await serving.desk.run(request, lambda gone: foresee(body, who, limit_s, gone))


@router.get("/{job_id}")
async def one_job(job_id: JobId, request: Request, serving: Served, who: Who) -> WholeJob:
    """A job, with what its command printed in the end."""
    require_owner(who)
    jobs = who.tenant.jobs
    return await serving.desk.run(request, lambda _: whole_job(jobs.get(job_id), jobs))


@router.delete("/{job_id}")
async def delete(job_id: JobId, request: Request, serving: Served, who: Who) -> Deleted:
    """Deletes a job that has ended, with all that its command told and printed; runs and other results stay."""
    require_owner(who)

    def work() -> Deleted:
        who.tenant.jobs.forget(job_id)
        return Deleted(id=job_id, object="job")

    return await serving.desk.run(request, lambda _: work())


@router.get("/{job_id}/lines")
async def lines(
    job_id: JobId, request: Request, serving: Served, who: Who, after: Number = 0
) -> ToldLines:
    """What a job has told so far, after the line of this number."""
    require_owner(who)
    found = await serving.desk.run(request, lambda _: who.tenant.jobs.lines(job_id, after))
    last = found[-1].number if found else after
    return ToldLines(data=[told_line(one) for one in found], next=last)


@router.get("/{job_id}/events", response_model=None, responses=_STREAM)
async def events(
    job_id: JobId,
    request: Request,
    serving: Served,
    who: Who,
    after: Number = 0,
    last_event_id: Annotated[str, Header(max_length=20)] = "",
) -> StreamingResponse:
    """What a job tells as it runs: the events `state`, `line`, `progress` and, at its end, `done`."""
    require_owner(who)
    jobs = who.tenant.jobs
    await serving.desk.run(request, lambda _: jobs.get(job_id))
    seen = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else after
    stopping = getattr(request.app.state, "stopping", bool)
    return StreamingResponse(
        job_events(jobs, job_id, max(seen, after), stopping), media_type="text/event-stream"
    )


@router.post("/{job_id}/cancel")
async def cancel(job_id: JobId, request: Request, serving: Served, who: Who) -> OwnJob:
    """Ends a job as Ctrl-C does, and kills it after a while; what it has done is kept. It ends a moment later."""
    require_owner(who)
    jobs = who.tenant.jobs
    return await serving.desk.run(request, lambda _: own_job(jobs.cancel(job_id), jobs))


@router.post("/{job_id}/resume")
async def resume(job_id: JobId, request: Request, serving: Served, who: Who) -> OwnJob:
    """Puts a job that has ended into the queue again; it goes on with what it kept."""
    require_owner(who)
    jobs = who.tenant.jobs
    return await serving.desk.run(request, lambda _: own_job(go_on(jobs, job_id), jobs))
