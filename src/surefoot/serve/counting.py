"""`/metrics` for Prometheus, and a line of log a request. Neither holds content, user names or keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from surefoot.serve.serving import Served
from surefoot.serve.tallies import Metrics
from surefoot.serve.who import Who

router = APIRouter(tags=["health"])
_TEXT: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/plain": {}}}}
_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_GONE: Final = 499


@router.get("/metrics", response_model=None, responses=_TEXT)
async def metrics(serving: Served, who: Who) -> PlainTextResponse:
    """Requests, seconds, tokens, cost, refusals and what waits, for Prometheus."""
    who.require("admin")
    text = serving.metrics.text(serving.desk.taken)
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4; charset=utf-8")


class Counted:
    """ASGI middleware around all else: counts every request and tells `log` of it."""

    def __init__(self, app: ASGIApp, told: Metrics, log: Callable[[str], None] | None) -> None:
        self._app = app
        self._told = told
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = monotonic(), _GONE

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            seconds = monotonic() - began
            line = _line(scope, status, seconds)
            self._told.request(line["method"], line["route"], status, seconds)
            if self._log is not None:
                self._log(json.dumps(line))


def _line(scope: Scope, status: int, seconds: float) -> dict[str, Any]:
    """The route as it is declared, never the path: paths name documents."""
    method = scope["method"] if scope["method"] in _METHODS else "other"
    route = getattr(scope.get("route"), "path", None)
    if route is None:
        route = "/mcp" if scope["path"].startswith("/mcp") else "other"
    return {"method": method, "route": route, "status": status, "ms": round(1000 * seconds, 1)}
