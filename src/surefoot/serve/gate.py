"""What every request passes first: host, origin, size, key, rate. Plain ASGI, so that nothing escapes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from urllib.parse import quote, urlsplit

from anyio import CancelScope, to_thread
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from surefoot.serve.problems import Refused, reply
from surefoot.serve.sessions import session_id
from surefoot.serve.who import Door, Principal
from surefoot.store.audit import AuditLine

OPEN: Final = frozenset({"/healthz", "/readyz", "/ui/enter", "/ui/leave", "/ui/look"})
"""Paths that need no key and say nothing of what is served."""
_STATIC: Final = "/ui/static/"
_PAGES: Final = ("/", "/ui", "/documents")
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
_MINUTE_S: Final = 60.0
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class GateRules:
    """What passes: names of this host, origins of pages that may call it, bytes of a body."""

    hosts: frozenset[str] = frozenset(_LOCAL)
    origins: frozenset[str] = frozenset()
    body_bytes: int = 200_000_000

    @classmethod
    def of(cls, hosts: Iterable[str], origins: Iterable[str], body_bytes: int) -> GateRules:
        """This machine's own names and those given."""
        named = frozenset((*_LOCAL, *(host.lower() for host in hosts)))
        return cls(named, frozenset(origins), body_bytes)


@dataclass(slots=True)
class _Rates:
    """Requests a minute and at once, of each key."""

    limiter: MovingWindowRateLimiter = field(
        default_factory=lambda: MovingWindowRateLimiter(MemoryStorage())
    )
    running: Counter[str] = field(default_factory=Counter)

    def enter(self, who: Principal, now_s: float) -> None:
        """Counts a request that begins.

        Raises:
            Refused: 429, the key has too many.
        """
        limits = who.key.limits if who.key else None
        if limits is None:
            return
        if limits.concurrent is not None and self.running[who.name] >= limits.concurrent:
            raise Refused(429, f"{limits.concurrent} requests of this key run already", code="busy")
        if limits.requests is not None:
            item = RateLimitItemPerMinute(limits.requests)
            if not self.limiter.hit(item, who.name):
                reset = self.limiter.get_window_stats(item, who.name).reset_time
                text = f"{limits.requests} requests a minute are this key's limit"
                wait = min(_MINUTE_S, max(0.0, reset - now_s))
                raise Refused(429, text, code="rate", retry_s=wait)
        self.running[who.name] += 1

    def leave(self, who: Principal) -> None:
        """Counts one that has ended."""
        if who.key is not None:
            self.running[who.name] -= 1


class _Seen:
    """Sends on, and keeps who asked and with which status it was answered."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.who: Principal | None = None
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)

    def line(self, request: Request, began_ns: int, ended_ns: int) -> AuditLine:
        """What is kept of the request."""
        name = self.who.name if self.who else ""
        ms = (ended_ns - began_ns) / 1e6
        return AuditLine(began_ns, name, request.method, request.url.path, self.status, ms)


class Gate:
    """ASGI middleware: refuses what may not pass, and puts the principal where routes find it (`state.who`)."""

    def __init__(self, app: ASGIApp, door: Door, rules: GateRules) -> None:
        self._app = app
        self._door = door
        self._rules = rules
        self._rates = _Rates()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request, seen = Request(scope), _Seen(send)
        began_ns = self._door.now_ns()
        try:
            await self._pass(scope, receive, seen, request)
        finally:
            if not is_open(request.url.path):
                line = seen.line(request, began_ns, self._door.now_ns())
                with CancelScope(shield=True):
                    await to_thread.run_sync(partial(self._door.note, seen.who, line))

    async def _pass(self, scope: Scope, receive: Receive, send: _Seen, request: Request) -> None:
        try:
            self._check(request)
            who = send.who = None if is_open(request.url.path) else await self._who(request)
            if who is not None:
                self._rates.enter(who, self._door.now_ns() / 1e9)
        except Refused as problem:
            await _refusal(problem, request)(scope, receive, send)
            return
        scope.setdefault("state", {})["who"] = who
        try:
            await self._app(scope, _limited(receive, self._rules.body_bytes), send)
        finally:
            if who is not None:
                self._rates.leave(who)

    def _check(self, request: Request) -> None:
        host = _name(request.headers.get("host", ""))
        if host not in self._rules.hosts:
            raise Refused(421, f"this server is not called {host!r}", code="host")
        origin = request.headers.get("origin")
        if origin is not None and not self._is_known(origin, request):
            raise Refused(403, f"pages of {origin!r} may not call this server", code="origin")
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._rules.body_bytes:
            raise Refused(413, f"at most {self._rules.body_bytes} bytes are read", code="size")

    def _is_known(self, origin: str, request: Request) -> bool:
        return origin in self._rules.origins or urlsplit(origin).netloc == request.headers["host"]

    async def _who(self, request: Request) -> Principal:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        given = token.strip() if kind.lower() == "bearer" else ""
        if not given and (session := session_id(request)):
            self._check_same_page(request)
            return await to_thread.run_sync(partial(self._door.seated, session))
        return await to_thread.run_sync(partial(self._door.principal, given))

    @staticmethod
    def _check_same_page(request: Request) -> None:
        """A cookie goes along whoever sends: what changes something must come from a page of this server."""
        if request.method not in _READING and request.headers.get("origin") is None:
            raise Refused(403, "a cookie alone does not change anything", code="origin")


def is_open(path: str) -> bool:
    """Whether a path needs no key."""
    return path in OPEN or path.startswith(_STATIC)


def _refusal(problem: Refused, request: Request) -> Response:
    """A browser without a key is asked for one; everybody else is told."""
    path = request.url.path
    page = path in _PAGES or path.startswith(("/ui/", "/documents/"))
    if problem.status != 401 or not page or "text/html" not in request.headers.get("accept", ""):
        return reply(problem)
    place = f"{path}?{request.url.query}" if request.url.query else path
    address = f"/ui/enter?next={quote(place, safe='')}"
    if request.headers.get("hx-request") == "true":
        return Response(headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def _name(host: str) -> str:
    """The name of a Host header without its port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _limited(receive: Receive, most: int) -> Receive:
    """The same body, refused where it goes on beyond the limit without having said so."""
    read = 0

    async def take() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise HTTPException(413, f"at most {most} bytes are read")
        return message

    return take
