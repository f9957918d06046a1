"""Audit and settings: which key did what, and how this server is set up."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from surefoot.serve.own import audit as own
from surefoot.serve.own.keys import keys as all_keys
from surefoot.serve.serving import Served
from surefoot.serve.web import how
from surefoot.serve.web.page import Shown
from surefoot.serve.web.screens.traces import moment
from surefoot.serve.who import Who

router = APIRouter(prefix="/ui", include_in_schema=False)
_SHOWN: Final = 100


@router.get("/audit", response_model=None)
async def audit(
    view: Shown, serving: Served, who: Who, key: Annotated[str, Query(max_length=64)] = ""
) -> HTMLResponse:
    """The latest requests, of all or of one key."""
    found = await own.audit(view.request, serving, who, key=key, limit=_SHOWN)
    listed = await all_keys(view.request, serving, who)
    words = ("audit", "list", *(("--key", key) if key else ()))
    query = f"?key={key}" if key else ""
    return view.show(
        "audit/page.html",
        how=how.How(how.command(*words), how.call(view.base, f"/api/audit{query}")),
        lines=found.data,
        names={one.id: one.name for one in listed.data},
        key=key,
        moment=moment,
    )


@router.get("/settings", response_model=None)
async def settings(view: Shown, who: Who) -> HTMLResponse:
    """The settings of the program, and where each comes from."""
    found = await own.settings(who)
    return view.show(
        "settings/page.html",
        how=how.How(
            how.command("config", "show", "--origin"), how.call(view.base, "/api/settings")
        ),
        settings=found.data,
    )
