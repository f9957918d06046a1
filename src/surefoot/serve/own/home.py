"""`/api/next` and `/api/guide`: what a workspace lacks on the way to a proven answer, and how far the first way is."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from pydantic import BaseModel

from surefoot.evaluate.first_run import Milestone, first_run
from surefoot.evaluate.next_steps import Action, NextStep, next_steps
from surefoot.run.records import records_of
from surefoot.serve.serving import Served
from surefoot.serve.who import Principal, Who
from surefoot.store.records import Record

router = APIRouter(prefix="/api", tags=["surefoot"])
_KIND: Final = "guide"


class OwnNextStep(BaseModel):
    """An action, how many things it is about (0 where none), and the command that does it."""

    action: Action
    count: int
    command: str


class OwnNextSteps(BaseModel):
    """The most pressing first; empty where nothing is missing."""

    data: list[OwnNextStep]


@router.get("/next")
async def steps(request: Request, serving: Served, who: Who) -> OwnNextSteps:
    """The next best actions."""
    who.require("admin")

    def read() -> list[NextStep]:
        with who.tenant.using() as space:
            return next_steps(space)

    found = await serving.desk.run(request, lambda _: read())
    return OwnNextSteps(
        data=[OwnNextStep(action=one.action, count=one.count, command=one.command) for one in found]
    )


class GuideStep(BaseModel):
    """A step of the first way through a workspace, whether somebody has taken it, and the command that takes it."""

    milestone: Milestone
    done: bool
    command: str


class Guide(BaseModel):
    """The steps in order; `shown` is false where somebody has put the guide away or all is done."""

    data: list[GuideStep]
    shown: bool


class GuideChange(BaseModel, extra="forbid"):
    """Whether the page shows the guide of this workspace."""

    shown: bool


@router.get("/guide")
async def guide(request: Request, serving: Served, who: Who) -> Guide:
    """How far the first way through this workspace is."""
    who.require("admin")
    return await serving.desk.run(request, lambda _: _guide(who))


@router.put("/guide")
async def put_guide(body: GuideChange, request: Request, serving: Served, who: Who) -> Guide:
    """Puts the guide away, or takes it out again."""
    who.require("admin")

    def keep() -> Guide:
        with who.tenant.using() as space, records_of(space) as book:
            book.put(Record(_KIND, _KIND, serving.clock_ns(), {"shown": body.shown}))
        return _guide(who)

    return await serving.desk.run(request, lambda _: keep())


def _guide(who: Principal) -> Guide:
    with who.tenant.using() as space, records_of(space) as book:
        found, kept = first_run(space), book.find(_KIND, _KIND)
    steps = [
        GuideStep(milestone=one.milestone, done=one.done, command=one.command) for one in found
    ]
    wanted = kept is None or bool(kept.body["shown"])
    return Guide(data=steps, shown=wanted and not all(one.done for one in steps))
