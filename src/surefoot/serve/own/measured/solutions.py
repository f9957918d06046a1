"""`/api/solutions`: the ways to answer that a workspace has, in words and as files; one of them is put into force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field, model_validator

from surefoot.config.flat import flat_settings
from surefoot.config.registry import Registry
from surefoot.config.solution import read_solution
from surefoot.config.stage_words import stage_words
from surefoot.core.errors import SurefootError
from surefoot.optimize.experiment import load_experiment
from surefoot.optimize.promoting import promote_winner
from surefoot.optimize.spaces.winner import promote
from surefoot.run.serving import is_built
from surefoot.serve.own.rights import require_owner
from surefoot.serve.serving import Served
from surefoot.serve.tenants import Tenant
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/api/solutions", tags=["evaluation"])
SolutionName = Annotated[str, Path(min_length=1, max_length=200)]


class ListedSolution(BaseModel):
    """A solution by the name that requests give as `model`; `problem` says why it cannot be used, empty if it can."""

    name: str
    in_force: bool
    changed_s: int
    stages: list[str]
    problem: str


class ListedSolutions(BaseModel):
    """The workspace's own solution first, then the others by name."""

    data: list[ListedSolution]


class ToldStage(BaseModel):
    """A stage: what it does in words (none for a part of another package), and its settings by path."""

    path: str
    kind: str
    words: dict[Literal["en", "zh"], str]
    settings: dict[str, Any]


class ToldSolution(BaseModel):
    """A solution file, its digest, and its stages in words. `complete` says whether its index is there.

    `recipe` names the index; empty where nothing is searched.
    """

    name: str
    in_force: bool
    text: str
    digest: str
    recipe: str
    complete: bool
    stages: list[ToldStage]


class PromoteRequest(BaseModel, extra="forbid"):
    """A solution of `solutions/`, or the winner of an experiment; `unproven` takes one that is not proven better."""

    solution: Annotated[str, Field(max_length=200)] = ""
    experiment: Annotated[str, Field(pattern=r"^([0-9a-f]{4,64}|last)?$")] = ""
    unproven: bool = False

    @model_validator(mode="after")
    def _one_of_them(self) -> PromoteRequest:
        if bool(self.solution) == bool(self.experiment):
            raise ValueError("give a solution or an experiment")
        return self


class Promoted(BaseModel):
    """The digest of the solution in force, and the name under which the former one is kept; empty if it stayed."""

    digest: str
    former: str


@router.get("")
async def solutions(request: Request, serving: Served, who: Who) -> ListedSolutions:
    """All solutions of the workspace."""
    require_owner(who)

    def read() -> list[ListedSolution]:
        return [_listed(who.tenant, name) for name in who.tenant.models()]

    return ListedSolutions(data=await serving.desk.run(request, lambda _: read()))


@router.post("/promote")
async def put_in_force(
    body: PromoteRequest, request: Request, serving: Served, who: Who
) -> Promoted:
    """Makes a solution the workspace's own and its index the live one; the former is kept in `solutions/`."""
    require_owner(who)
    return await serving.desk.run(request, lambda _: _promoted(who, body))


@router.get("/{name}")
async def solution(name: SolutionName, request: Request, serving: Served, who: Who) -> ToldSolution:
    """A solution as its file, its digest, and its stages in words."""
    require_owner(who)
    return await serving.desk.run(request, lambda _: _told(who.tenant, name))


def _listed(tenant: Tenant, name: str) -> ListedSolution:
    kinds: list[str] = []
    problem = ""
    try:
        written = read_solution(tenant.solution_file(name), Registry())
        kinds = [stage.kind for stage in written.stages]
    except SurefootError as failed:
        problem = failed.message
    return ListedSolution(
        name=name,
        in_force=name == tenant.default.solution.name,
        changed_s=tenant.created(name),
        stages=kinds,
        problem=problem,
    )


def _told(tenant: Tenant, name: str) -> ToldSolution:
    with tenant.using(name) as space:
        text = space.solution_file.read_text(encoding="utf-8")
        searches = space.solution.corpus is not None
        return ToldSolution(
            name=name,
            in_force=space.is_default,
            text=text,
            digest=space.resources.digest,
            recipe=space.resources.recipe if searches else "",
            complete=is_built(space.resources) if searches else True,
            stages=list(_stages(space.solution.model_dump(mode="json")["stages"])),
        )


def _stages(listed: list[Mapping[str, Any]]) -> Iterator[ToldStage]:
    words = stage_words()
    for place, stage in enumerate(listed):
        kind, path = str(stage["kind"]), f"stages.{place}"
        settings = flat_settings(
            {key: value for key, value in stage.items() if key != "kind"}, path
        )
        yield ToldStage(path=path, kind=kind, words=dict(words.get(kind, {})), settings=settings)


def _promoted(who: Principal, body: PromoteRequest) -> Promoted:
    """Works on a view of its own: what answers now finishes as it is, the next question takes up the changed file."""
    with who.tenant.writing, who.tenant.default.varied({}) as space:
        if body.solution:
            former = promote(space, body.solution)
        else:
            found = load_experiment(space, body.experiment)
            former_or_none = promote_winner(
                space, found, unproven=body.unproven, hint='"unproven": true takes it all the same'
            )
            if former_or_none is None:
                return Promoted(digest=space.resources.digest, former="")
            former = former_or_none
        return Promoted(digest=space.resources.digest, former=former.stem)
