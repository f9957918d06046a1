"""`/api/solutions/history`: the former solutions of a workspace; one of them is put into force again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from surefoot.optimize.rolling_back import roll_back
from surefoot.run.formers import Former, Formers, Why
from surefoot.serve.own.rights import require_owner
from surefoot.serve.serving import Served
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/api/solutions", tags=["evaluation"])


class FormerSolution(BaseModel):
    """A solution file that was replaced: `when` in unix seconds, by which act, and what took its place by `name`.

    `digest` is that of the solution that it was.
    """

    id: str
    when: int
    digest: str
    why: Why
    name: str


class RollbackRequest(BaseModel, extra="forbid"):
    """Which one comes back; `last` is the one that was replaced last."""

    id: Annotated[str, Field(pattern=r"^([0-9a-f]{16}|last)$")]


class Rolled(BaseModel):
    """The digest of the solution in force, and the id under which the one before is kept; empty if it stayed.

    `sync` says that its sources are others than before, so that the documents should be synced.
    """

    digest: str
    former: str
    sync: bool


@router.get("/history")
async def history(request: Request, serving: Served, who: Who) -> list[FormerSolution]:
    """What was replaced by putting another solution into force, the last first; at most 50."""
    require_owner(who)
    found = await serving.desk.run(request, lambda _: Formers(who.tenant.root).all())
    return [_told(one) for one in found]


@router.post("/rollback")
async def rollback(body: RollbackRequest, request: Request, serving: Served, who: Who) -> Rolled:
    """Makes a former solution the workspace's own again; what it takes the place of is kept the same way."""
    require_owner(who)
    return await serving.desk.run(request, lambda _: _rolled(who, body.id))


def _told(one: Former) -> FormerSolution:
    return FormerSolution(id=one.id, when=one.when, digest=one.digest, why=one.why, name=one.name)


def _rolled(who: Principal, id: str) -> Rolled:
    """Works on a view of its own, as putting a solution into force does."""
    with who.tenant.writing, who.tenant.default.varied({}) as space:
        found = roll_back(space, id)
        former = found.former.id if found.former else ""
        return Rolled(digest=space.resources.digest, former=former, sync=found.stale)
