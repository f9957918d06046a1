"""`/api/solutions/history`: the former solutions of a workspace; one of them is put into force again."""

from __future__ import annotations

import tomllib
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from surefoot.config.flat import SettingGap, settings_gaps
from surefoot.optimize.rolling_back import roll_back
from surefoot.run.formers import Former, Formers, Why
from surefoot.serve.own.rights import require_owner
from surefoot.serve.serving import Served
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/api/solutions", tags=["evaluation"])
FormerId = Annotated[str, Path(pattern=r"^([0-9a-f]{16}|last)$")]


class FormerSolution(BaseModel):
    """A solution file that was replaced: `when` in unix seconds, by which act, and what took its place by `name`.

    `digest` is that of the solution that it was.
    """

    id: str
    when: int
    digest: str
    why: Why
    name: str


class WholeFormer(FormerSolution):
    """A former solution with its file, and the settings in which it differs: `base` is its own, `other` that of now."""

    text: str
    settings: list[SettingGap]


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


@router.get("/history/{id}")
async def one_former(id: FormerId, request: Request, serving: Served, who: Who) -> WholeFormer:
    """A former solution as it was written, and what tells it from the one in force."""
    require_owner(who)
    return await serving.desk.run(request, lambda _: _whole(who, id))


@router.post("/rollback")
async def rollback(body: RollbackRequest, request: Request, serving: Served, who: Who) -> Rolled:
    """Makes a former solution the workspace's own again; what it takes the place of is kept the same way."""
    require_owner(who)
    return await serving.desk.run(request, lambda _: _rolled(who, body.id))


def _told(one: Former) -> FormerSolution:
    return FormerSolution(id=one.id, when=one.when, digest=one.digest, why=one.why, name=one.name)


def _whole(who: Principal, id: str) -> WholeFormer:
    former = Formers(who.tenant.root).get(id)
    with who.tenant.using() as space:
        present = space.written_settings()
    gaps = settings_gaps(tomllib.loads(former.text), present)
    return WholeFormer(**dict(_told(former)), text=former.text, settings=list(gaps))


def _rolled(who: Principal, id: str) -> Rolled:
    """Works on a view of its own, as putting a solution into force does."""
    with who.tenant.writing, who.tenant.default.varied({}) as space:
        found = roll_back(space, id)
        former = found.former.id if found.former else ""
        return Rolled(digest=space.resources.digest, former=former, sync=found.stale)
