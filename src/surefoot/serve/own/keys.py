"""`/api/keys`: who may ask, with what rights and limits. Only who may read everything makes keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served, Serving
from surefoot.serve.who import Principal, Who
from surefoot.store.keys import ApiKey, KeyLimits, Scope

router = APIRouter(prefix="/api/keys", tags=["surefoot"])
_DAY_NS: Final = 86_400 * 10**9
KeyId = Annotated[str, Path(pattern="^[0-9a-f]{1,32}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Count = Annotated[int, Field(ge=1, le=2**53)]


class KeyRequest(BaseModel):
    """A new key as `surefoot keys create` makes it; `requests` a minute, `tokens` and `dollars` a day."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=5)] = ["ask", "search"]
    user: Annotated[str, Field(max_length=200)] = ""
    groups: Annotated[list[Name], Field(max_length=100)] = []
    model: Annotated[str, Field(max_length=200)] = ""
    days: Annotated[int | None, Field(ge=1, le=36_500)] = None
    requests: Count | None = None
    concurrent: Count | None = None
    tokens: Count | None = None
    dollars: Annotated[float | None, Field(gt=0, le=1e9, allow_inf_nan=False)] = None


class OwnKey(BaseModel):
    """A key without its secret; times are unix nanoseconds as text. `state` is valid, revoked or expired."""

    id: str
    name: str
    state: str
    scopes: list[Scope]
    user: str
    groups: list[str]
    model: str
    created_ns: str
    expires_ns: str | None
    requests: int | None
    concurrent: int | None
    tokens: int | None
    dollars: float | None
    used_requests: int
    used_tokens: int
    used_dollars: float


class MadeKey(OwnKey):
    """A key with its token, which is told this once."""

    key: str


class OwnKeys(BaseModel):
    """All keys, the oldest first; revoked and expired ones too."""

    data: list[OwnKey]


@router.get("")
async def keys(request: Request, serving: Served, who: Who) -> OwnKeys:
    """The keys of the workspace, with what they used today."""
    _check(who)
    return await serving.desk.run(
        request,
        lambda _: OwnKeys(data=[_told(serving, who, key) for key in who.tenant.keys.all()]),
    )


@router.post("")
async def create(body: KeyRequest, request: Request, serving: Served, who: Who) -> MadeKey:
    """Makes a key and tells its token, once. From the first key on, every request needs one."""
    _check(who)

    def make() -> tuple[ApiKey, str]:
        now = serving.clock_ns()
        book = who.tenant.keys
        key, token = book.create(body.name, tuple(dict.fromkeys(body.scopes)), now)
        key = replace(
            key,
            user=body.user,
            groups=tuple(body.groups),
            solution=body.model,
            limits=KeyLimits(body.requests, body.concurrent, body.tokens, body.dollars),
            expires_ns=None if body.days is None else now + body.days * _DAY_NS,
        )
        book.change(key)
        return key, token

    return await serving.desk.run(request, lambda _: _made(serving, who, make))


@router.post("/{key_id}/rotate")
async def rotate(key_id: KeyId, request: Request, serving: Served, who: Who) -> MadeKey:
    """A new secret for a key; the former one opens nothing from now on."""
    _check(who)
    return await serving.desk.run(
        request, lambda _: _made(serving, who, lambda: who.tenant.keys.rotate(key_id))
    )


@router.post("/{key_id}/revoke")
async def revoke(key_id: KeyId, request: Request, serving: Served, who: Who) -> OwnKey:
    """Ends a key for good."""
    _check(who)
    return await serving.desk.run(
        request,
        lambda _: _told(serving, who, who.tenant.keys.revoke(key_id, serving.clock_ns())),
    )


def _check(who: Principal) -> None:
    """A key that reads only some documents could make one that reads all of them."""
    who.require("admin")
    if not who.asker.is_owner:
        raise Refused(403, "only a key that may read everything makes keys", code="scope")


def _made(serving: Serving, who: Principal, make: Callable[[], tuple[ApiKey, str]]) -> MadeKey:
    key, token = make()
    return MadeKey(**dict(_told(serving, who, key)), key=token)


def _told(serving: Serving, who: Principal, key: ApiKey) -> OwnKey:
    now = serving.clock_ns()
    used = who.tenant.keys.used(key.id, now)
    ended = "revoked" if key.revoked_ns is not None else "expired"
    return OwnKey(
        id=key.id,
        name=key.name,
        state="valid" if key.is_valid(now) else ended,
        scopes=list(key.scopes),
        user=key.user,
        groups=list(key.groups),
        model=key.solution,
        created_ns=str(key.created_ns),
        expires_ns=None if key.expires_ns is None else str(key.expires_ns),
        requests=key.limits.requests,
        concurrent=key.limits.concurrent,
        tokens=key.limits.tokens,
        dollars=key.limits.dollars,
        used_requests=used.requests,
        used_tokens=used.tokens,
        used_dollars=used.dollars,
    )
