"""Whether the server lives, and whether it is ready to answer."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from pydantic import BaseModel

from surefoot.core.errors import SurefootError
from surefoot.core.roles import Call
from surefoot.core.trace import untraced
from surefoot.core.types import Query, Turn
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served, Serving

router = APIRouter(tags=["health"])
_OPEN: Final[dict[str, Any]] = {"security": [{}]}
"""Described as what needs no key."""


class Health(BaseModel):
    """`ok` where all is well."""

    status: str


@router.get("/healthz", openapi_extra=_OPEN)
def healthz() -> Health:
    """The process answers."""
    return Health(status="ok")


@router.get("/readyz", openapi_extra=_OPEN)
def readyz(serving: Served) -> Health:
    """It can answer: every workspace opens."""
    for tenant in serving.tenants.all:
        try:
            with tenant.using() as space:
                _ = space.pipeline
        except SurefootError:
            raise Refused(503, "not ready", code="not_ready") from None
    return Health(status="ok")


def warm(serving: Serving) -> None:
    """Opens what the first question of each workspace would open; one that cannot is told by `readyz`."""
    for tenant in serving.tenants.all:
        try:
            with tenant.using() as space, untraced():
                space.pipeline.search(Turn(Query("warm")), Call(limit=1))
        except SurefootError:
            continue
