"""The door of the page: the start, signing in with a key where keys are on, language and theme."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final, Literal

from anyio import to_thread
from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from surefoot.serve.problems import Refused
from surefoot.serve.sessions import seat, session_id, unseat
from surefoot.serve.web.page import LANG_COOKIE, THEME_COOKIE, Shown

router = APIRouter(include_in_schema=False)
_YEAR_S: Final = 365 * 24 * 3600
Place = Annotated[str, Form(max_length=2000)]


@router.get("/", response_model=None)
@router.get("/ui", response_model=None)
async def start(view: Shown) -> RedirectResponse:
    """Goes to the first screen that the key may use."""
    screens = view.screens
    if not screens:
        raise Refused(403, "this key is for none of the screens", code="scope")
    return RedirectResponse(screens[0].path, 303)


@router.get("/ui/enter", response_model=None)
async def enter(view: Shown, next: str = "/ui") -> HTMLResponse:
    """Asks for a key."""
    return view.show("enter.html", next=_inside(next), refused=False)


@router.post("/ui/enter", response_model=None)
async def entered(
    view: Shown, key: Annotated[str, Form(max_length=200)], next: Place = "/ui"
) -> HTMLResponse | RedirectResponse:
    """Begins a session, whose id no script reads: a day long, unless the server or the key ends before."""
    try:
        session = await to_thread.run_sync(partial(view.serving.door.sign_in, key.strip()))
    except Refused as problem:
        return view.show("enter.html", status=problem.status, next=_inside(next), refused=True)
    reply = RedirectResponse(_inside(next), 303)
    if session:
        seat(reply, view.request, session)
    return reply


@router.post("/ui/leave", response_model=None)
async def leave(view: Shown) -> RedirectResponse:
    """Ends the session."""
    view.serving.door.sessions.end(session_id(view.request))
    reply = RedirectResponse("/ui/enter", 303)
    unseat(reply, view.request)
    return reply


@router.post("/ui/look", response_model=None)
async def look(
    lang: Annotated[Literal["en", "zh", ""], Form()] = "",
    theme: Annotated[Literal["auto", "light", "dark", ""], Form()] = "",
    next: Place = "/ui",
) -> RedirectResponse:
    """Keeps language or theme, and shows the page again."""
    reply = RedirectResponse(_inside(next), 303)
    for name, value in ((LANG_COOKIE, lang), (THEME_COOKIE, theme)):
        if value:
            reply.set_cookie(name, value, _YEAR_S, samesite="lax", httponly=True)
    return reply


def _inside(place: str) -> str:
    """An address of this page; anything else is its start, so that no link leads away."""
    inside = place.startswith(("/ui/", "/documents/")) and "//" not in place and "\\" not in place
    return place if inside else "/ui"
