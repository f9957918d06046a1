"""Keys: who may ask, with which rights and limits; made, given a new secret, ended."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from surefoot.serve.own import keys as own
from surefoot.serve.serving import Served
from surefoot.serve.sessions import seat
from surefoot.serve.web import how
from surefoot.serve.web.page import Shown, View
from surefoot.serve.web.screens.traces import moment
from surefoot.serve.who import Who
from surefoot.store.keys import SCOPES, Scope

router = APIRouter(prefix="/ui/keys", include_in_schema=False)
Text = Annotated[str, Field(max_length=200)]
Number = Annotated[str, Field(pattern=r"^\d{0,15}$")]


class KeyForm(BaseModel):
    """A new key; groups are parted by commas, empty limits are none."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    scopes: Annotated[list[Scope], Field(max_length=5)] = []
    user: Text = ""
    groups: Annotated[str, Field(max_length=2000)] = ""
    model: Text = ""
    days: Number = ""
    requests: Number = ""
    tokens: Number = ""

    def request(self) -> own.KeyRequest:
        """What `/api/keys` takes."""
        return own.KeyRequest(
            name=self.name,
            scopes=self.scopes or ["ask", "search"],
            user=self.user.strip(),
            groups=[one.strip() for one in self.groups.split(",") if one.strip()],
            model=self.model,
            days=int(self.days) if self.days else None,
            requests=int(self.requests) if self.requests else None,
            tokens=int(self.tokens) if self.tokens else None,
        )


@router.get("", response_model=None)
async def page(view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """All keys, and the form for a new one."""
    return await _page(view, serving, who)


@router.post("", response_model=None)
async def create(
    view: Shown, serving: Served, who: Who, form: Annotated[KeyForm, Form()]
) -> HTMLResponse:
    """Makes a key and shows its token once; who makes the first one is signed in with it, if it may do all."""
    body = form.request()
    made = await own.create(body, view.request, serving, who)
    told = how.How(
        how.command("keys", "create", body.name, *_options(body)),
        how.call(view.base, "/api/keys", body.model_dump(exclude_defaults=True)),
    )
    shown = await _page(view, serving, who, made=made, told=told)
    if who.key is None and "admin" in made.scopes and not (made.user or made.groups):
        seat(shown, view.request, await to_thread.run_sync(serving.door.sign_in, made.key))
    return shown


@router.post("/{key_id}/rotate", response_model=None)
async def rotate(key_id: own.KeyId, view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """A new secret, shown once."""
    made = await own.rotate(key_id, view.request, serving, who)
    told = how.How(
        how.command("keys", "rotate", key_id), how.call(view.base, f"/api/keys/{key_id}/rotate", {})
    )
    return await _page(view, serving, who, made=made, told=told)


@router.post("/{key_id}/revoke", response_model=None)
async def revoke(key_id: own.KeyId, view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """Ends a key."""
    await own.revoke(key_id, view.request, serving, who)
    told = how.How(
        how.command("keys", "revoke", key_id), how.call(view.base, f"/api/keys/{key_id}/revoke", {})
    )
    return await _page(view, serving, who, told=told)


async def _page(
    view: View,
    serving: Served,
    who: Who,
    made: own.MadeKey | None = None,
    told: how.How | None = None,
) -> HTMLResponse:
    found = await own.keys(view.request, serving, who)
    return view.show(
        "keys/page.html",
        how=told or how.How(how.command("keys", "list"), how.call(view.base, "/api/keys")),
        keys=found.data,
        made=made,
        scopes=SCOPES,
        models=who.tenant.models(),
        moment=moment,
        first=not found.data,
    )


def _options(body: own.KeyRequest) -> list[str]:
    """The same as options of the command."""
    words: list[str] = []
    for name, values in (("scope", body.scopes), ("group", body.groups)):
        for value in values:
            words += [f"--{name}", value]
    for name in ("user", "model", "days", "requests", "tokens"):
        if (value := getattr(body, name)) not in (None, ""):
            words += [f"--{name}", str(value)]
    return words
