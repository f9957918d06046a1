"""`/v1/fine_tuning/jobs`: a training is a job of the workspace; what comes of it is a trained model of that name."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import APIRouter, Path, Request

from surefoot.core.errors import MissingError
from surefoot.optimize.train import jobs_root
from surefoot.serve.openai.tuning_shapes import (
    TuningCheckpoint,
    TuningEvent,
    TuningJob,
    TuningMethod,
    TuningRequest,
    tuning_checkpoints,
    tuning_events,
    tuning_job,
)
from surefoot.serve.own.jobs.beginning import begin, owner_of
from surefoot.serve.own.jobs.kinds import TuneJob
from surefoot.serve.paging import Listed, Paged, listed
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served
from surefoot.serve.who import Principal, Who
from surefoot.store.jobs import Job
from surefoot.tune.chat.lora import LEARNING_RATES

router = APIRouter(prefix="/v1/fine_tuning/jobs", tags=["fine tuning"])
JobId = Annotated[str, Path(max_length=64)]
_KIND: Final = "tune"


@router.post("")
async def create(body: TuningRequest, request: Request, serving: Served, who: Who) -> TuningJob:
    """Trains an adapter on an uploaded file; 501 where the packages for that are not installed."""
    who.require("tune")

    def work() -> TuningJob:
        order, asked = _order(body)
        job = begin(order, who, "ftjob", **asked)
        return _told(job, who, serving.clock_ns())

    return await serving.desk.run(request, lambda _: work())


@router.get("")
async def all_jobs(request: Request, serving: Served, who: Who, page: Paged) -> Listed[TuningJob]:
    """The trainings that the key may see: its own, and all of them where it reads everything."""
    who.require("tune")

    def work() -> Listed[TuningJob]:
        owner = owner_of(who)
        found = [job for job in who.tenant.jobs.all() if _sees(who, owner, job)]
        some, more = page.of(found)
        told = [_told(job, who, serving.clock_ns()) for job in some]
        return Listed[TuningJob](**listed(told, more))

    return await serving.desk.run(request, lambda _: work())


@router.get("/{job_id}")
async def one_job(job_id: JobId, request: Request, serving: Served, who: Who) -> TuningJob:
    """How a training stands."""
    who.require("tune")

    def work() -> TuningJob:
        return _told(_seen(who, job_id), who, serving.clock_ns())

    return await serving.desk.run(request, lambda _: work())


@router.post("/{job_id}/cancel")
async def cancel(job_id: JobId, request: Request, serving: Served, who: Who) -> TuningJob:
    """Ends a training; its checkpoints stay."""
    who.require("tune")

    def work() -> TuningJob:
        job = who.tenant.jobs.cancel(_seen(who, job_id).id)
        return _told(job, who, serving.clock_ns())

    return await serving.desk.run(request, lambda _: work())


@router.get("/{job_id}/events")
async def events(
    job_id: JobId, request: Request, serving: Served, who: Who, page: Paged
) -> Listed[TuningEvent]:
    """What a training has told, the newest first."""
    who.require("tune")

    def work() -> Listed[TuningEvent]:
        job = _seen(who, job_id)
        some, more = page.of(tuning_events(job, _out(job, who)))
        return Listed[TuningEvent](**listed(some, more))

    return await serving.desk.run(request, lambda _: work())


@router.get("/{job_id}/checkpoints")
async def checkpoints(
    job_id: JobId, request: Request, serving: Served, who: Who, page: Paged
) -> Listed[TuningCheckpoint]:
    """The checkpoints of a training that are kept: the newest and the best."""
    who.require("tune")

    def work() -> Listed[TuningCheckpoint]:
        job = _seen(who, job_id)
        some, more = page.of(tuning_checkpoints(job, _out(job, who)))
        return Listed[TuningCheckpoint](**listed(some, more))

    return await serving.desk.run(request, lambda _: work())


def _order(body: TuningRequest) -> tuple[TuneJob, dict[str, Any]]:
    """The job that does it, and what is kept of the request beside.

    Raises:
        Refused: 400, a file of its own to validate by, or an integration.
    """
    for field, given in (
        ("validation_file", body.validation_file),
        ("integrations", body.integrations),
    ):
        if given:
            text = "rows with split = dev are validated by; a tenth of the rows where none has it"
            raise Refused(400, f"{field} is not read: {text}", code="unsupported", param=field)
    method = body.method or TuningMethod(type="supervised")
    if body.method is None and body.hyperparameters is not None:
        method.supervised.hyperparameters = body.hyperparameters
    given_by, lora = method.supervised.hyperparameters, method.supervised.lora
    epochs, batch, pace = (
        None if value == "auto" else value
        for value in (given_by.n_epochs, given_by.batch_size, given_by.learning_rate_multiplier)
    )
    rate = None if pace is None else min(1.0, pace * LEARNING_RATES[lora.method or "lora"])
    order = TuneJob(
        kind=_KIND,
        name=f"{body.suffix or body.model}-{uuid4().hex[:8]}",
        training_file=body.training_file,
        base=body.model,
        epochs=epochs,
        learning_rate=rate,
        batch=batch,
        seed=body.seed or 0,
        export=True,
        **lora.model_dump(),
    )
    kept = {"method_asked": method.model_dump(mode="json"), "metadata": body.metadata}
    return order, kept


def _seen(who: Principal, id: str) -> Job:
    """A training that the principal may see; another's is as one that there is not."""
    job = who.tenant.jobs.get(id)
    if not _sees(who, owner_of(who), job):
        raise MissingError(f"there is no job {id!r}")
    return job


def _sees(who: Principal, owner: str, job: Job) -> bool:
    return job.kind == _KIND and (who.asker.is_owner or job.owner == owner)


def _out(job: Job, who: Principal) -> FilePath:
    return jobs_root(who.tenant.root) / str(job.asked["name"])


def _told(job: Job, who: Principal, now_ns: int) -> TuningJob:
    name, tenant = str(job.asked["name"]), who.tenant
    asked_by = None
    if job.state == "done" and name in tenant.adapters():
        asked_by = tenant.name_of(name)
    return tuning_job(job, _out(job, who), now_ns, asked_by)
