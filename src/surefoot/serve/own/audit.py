"""`/api/audit` and `/api/settings`: which key did what, and how this server is set up; never content or secrets."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from surefoot.serve.serving import Served
from surefoot.serve.who import Who

router = APIRouter(prefix="/api", tags=["surefoot"])
_ADDRESSES: Final = frozenset({"ledger", "store"})


class OwnAuditLine(BaseModel):
    """A request: `who` is the key's id, `owner` without keys, empty where it was refused. Unix nanoseconds as text."""

    at_ns: str
    who: str
    method: str
    path: str
    status: int
    ms: float


class OwnAudit(BaseModel):
    """The newest first."""

    data: list[OwnAuditLine]


class OwnSetting(BaseModel):
    """A setting of the program, and the layer or file that gave it."""

    name: str
    value: str
    origin: str
    description: str


class OwnSettings(BaseModel):
    """All of them."""

    data: list[OwnSetting]


@router.get("/audit")
async def audit(
    request: Request,
    serving: Served,
    who: Who,
    key: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> OwnAudit:
    """Requests to this server: when, which key, what, and how it ended."""
    who.require("admin")
    found = await serving.desk.run(request, lambda _: who.tenant.audit.lines(limit=limit, who=key))
    return OwnAudit(
        data=[
            OwnAuditLine(
                at_ns=str(one.at_ns),
                who=one.who,
                method=one.method,
                path=one.path,
                status=one.status,
                ms=one.ms,
            )
            for one in found
        ]
    )


@router.get("/settings")
async def settings(who: Who) -> OwnSettings:
    """The settings of the program with their origin; passwords in addresses are left out."""
    who.require("admin")
    resolved = who.tenant.default.settings
    fields = type(resolved.settings).model_fields
    return OwnSettings(
        data=[
            OwnSetting(
                name=name,
                value=_shown(name, getattr(resolved.settings, name)),
                origin=resolved.origins[name],
                description=field.description or "",
            )
            for name, field in fields.items()
        ]
    )


def _shown(name: str, value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return _without_password(str(value)) if name in _ADDRESSES else str(value)


def _without_password(address: str) -> str:
    parts = urlsplit(address)
    if parts.password is None:
        return address
    return address.replace(f":{parts.password}@", ":…@", 1)
