"""`GET /api/next`: what a workspace lacks on the way to a proven answer."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel

from surefoot.evaluate.next_steps import Action, NextStep, next_steps
from surefoot.serve.serving import Served
from surefoot.serve.who import Who

router = APIRouter(prefix="/api/next", tags=["surefoot"])


class OwnNextStep(BaseModel):
    """An action, how many things it is about (0 where none), and the command that does it."""

    action: Action
    count: int
    command: str


class OwnNextSteps(BaseModel):
    """The most pressing first; empty where nothing is missing."""

    data: list[OwnNextStep]


@router.get("")
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
