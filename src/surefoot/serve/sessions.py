"""Browsers that have signed in: each has an id that is worth nothing after a day, a restart or the end of its key.

A browser sends a cookie to every port of a host. So it holds no key, only such an id, under a name with the port.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe
from threading import Lock
from typing import Final

from fastapi import Request, Response

from surefoot.store.keys import ApiKey

SESSION_S: Final = 24 * 3600
"""Seconds that a browser stays signed in."""
_MOST: Final = 10_000
_NS: Final = 10**9
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Session:
    """The key that a browser signed in with, as it was then, its tenant, and until when (unix time in nanoseconds)."""

    tenant: str
    key_id: str
    hashed: str
    until_ns: int

    def holds(self, key: ApiKey, now_ns: int) -> bool:
        """Whether it is still good for the key as it is now."""
        return now_ns < self.until_ns and self.hashed == key.hashed and key.is_valid(now_ns)


@dataclass(slots=True)
class Sessions:
    """Those of this run of the server, in memory, by the hash of their id. Safe to use from several threads.

    Above `most` the oldest goes.
    """

    most: int = _MOST
    _held: OrderedDict[str, Session] = field(default_factory=OrderedDict, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def begin(self, tenant: str, key: ApiKey, now_ns: int) -> str:
        """The id of a new one."""
        id = token_urlsafe(32)
        made = Session(tenant, key.id, key.hashed, now_ns + SESSION_S * _NS)
        with self._lock:
            self._held[_hashed(id)] = made
            while len(self._held) > self.most or self._first_ended(now_ns):
                self._held.popitem(last=False)
        return id

    def find(self, id: str) -> Session | None:
        """That of an id, ended or not."""
        with self._lock:
            return self._held.get(_hashed(id))

    def end(self, id: str) -> None:
        """Forgets one; nothing where there is none."""
        with self._lock:
            self._held.pop(_hashed(id), None)

    def _first_ended(self, now_ns: int) -> bool:
        first = next(iter(self._held.values()), None)
        return first is not None and first.until_ns <= now_ns


def cookie_name(request: Request) -> str:
    """What the cookie of this server is called: servers on other ports of the host have their own."""
    port = request.url.port or _PORTS.get(request.url.scheme, 0)
    return f"surefoot_session_{port}"


def session_id(request: Request) -> str:
    """What the browser sent; empty is nothing."""
    return request.cookies.get(cookie_name(request), "")


def seat(response: Response, request: Request, id: str) -> None:
    """Has the browser keep a session."""
    response.set_cookie(
        cookie_name(request),
        id,
        SESSION_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def unseat(response: Response, request: Request) -> None:
    """Has the browser forget it."""
    response.delete_cookie(cookie_name(request), httponly=True, samesite="strict")


def _hashed(id: str) -> str:
    return sha256(id.encode()).hexdigest()
