"""`/api/experiments`: the searches and comparisons that are kept; they are gone on with as jobs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from surefoot.core.errors import MissingError
from surefoot.optimize.kept_experiments import (
    ExperimentKind,
    KeptExperiment,
    delete_experiment,
    kept_experiments,
)
from surefoot.serve.own.jobs.beginning import begin
from surefoot.serve.own.jobs.kinds import CompareJob, OptimizeJob
from surefoot.serve.own.jobs.shapes import OwnJob, own_job
from surefoot.serve.own.rights import require_owner
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served
from surefoot.serve.who import Principal, Who
from surefoot.store.jobs import Job

router = APIRouter(prefix="/api/experiments", tags=["evaluation"])
ExperimentId = Annotated[str, Path(pattern=r"^([0-9a-f]{4,64}|last)$")]
_JOBS: Final = {"search": "optimize", "comparison": "compare"}


class OwnExperiment(BaseModel):
    """A search or a comparison: when it was begun last (unix nanoseconds as text), its bytes, how it goes on."""

    kind: ExperimentKind
    id: str
    evalset: str
    metric: str
    at_ns: str
    ended: bool
    size: int
    asked: str
    resume: str


class OwnExperiments(BaseModel):
    """The one begun last first."""

    data: list[OwnExperiment]


class DeletedExperiment(BaseModel):
    """One that is gone."""

    kind: ExperimentKind
    id: str
    deleted: bool = True


@router.get("")
async def experiments(request: Request, serving: Served, who: Who) -> OwnExperiments:
    """Searches and comparisons of the workspace."""
    require_owner(who)
    found = await serving.desk.run(request, lambda _: _kept(who))
    return OwnExperiments(
        data=[
            OwnExperiment(**asdict(one) | {"at_ns": str(one.at_ns), "resume": one.resume})
            for one in found
        ]
    )


@router.post("/{kind}/{id}/resume")
async def resume(
    kind: ExperimentKind, id: ExperimentId, request: Request, serving: Served, who: Who
) -> OwnJob:
    """Goes on with one as a job: what it keeps already is not done again."""
    require_owner(who)
    return await serving.desk.run(
        request, lambda _: own_job(_resumed(who, kind, id), who.tenant.jobs)
    )


@router.delete("/{kind}/{id}")
async def delete(
    kind: ExperimentKind, id: ExperimentId, request: Request, serving: Served, who: Who
) -> DeletedExperiment:
    """Deletes one with all its files; 409 while a job of its kind runs or waits."""
    require_owner(who)

    def work() -> str:
        if any(job.kind == _JOBS[kind] and job.is_going for job in who.tenant.jobs.all()):
            raise Refused(409, f"a {_JOBS[kind]} job is going: stop it first", code="busy")
        with who.tenant.using() as space:
            return delete_experiment(space, kind, id)

    return DeletedExperiment(kind=kind, id=await serving.desk.run(request, lambda _: work()))


def _kept(who: Principal) -> list[KeptExperiment]:
    with who.tenant.using() as space:
        return kept_experiments(space)


def _resumed(who: Principal, kind: ExperimentKind, id: str) -> Job:
    found = [one for one in _kept(who) if one.kind == kind]
    named = [one for one in found if one.id.startswith(id)] if id != "last" else found[:1]
    if len(named) != 1:
        raise MissingError(f"there is no {kind} {id!r}, or several begin so")
    asked = {"evalset": named[0].evalset, "continues": named[0].id}
    job = OptimizeJob if kind == "search" else CompareJob
    return begin(job.model_validate({"kind": _JOBS[kind], **asked}), who)
