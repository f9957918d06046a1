"""Fetches one page at a time: every hop looked at anew, within limits of bytes, time and redirects."""

from __future__ import annotations

import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from threading import Lock
from typing import TYPE_CHECKING

from surefoot.core.errors import DataError, TransientError
from surefoot.ingest.fetching.addresses import normal, origin

if TYPE_CHECKING:
    import ssl

    import httpcore

    from surefoot.ingest.fetching.pinned import Deadline, Resolve

_GONE = frozenset((404, 410, 451))
_BUSY = frozenset((408, 425, 429))
_MOVED = frozenset((301, 302, 303, 307, 308))
_CONNECT_S = 10.0
_ATTEMPTS = 3
_LONGEST_WAIT_S = 30.0
# A host that failed this often in a row is not asked again: a thousand pages would wait a thousand times.
_DOWN_AFTER = 3


class Gone(DataError):
    """There is no such page any more (404, 410 or 451)."""


class WrongType(DataError):
    """The page is of a type that is not asked for."""


class Refused(DataError):
    """The server does not hand the page out to us; asking again is of no use, and it may still be there."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may take: bytes of the unpacked content, seconds in all, redirects."""

    max_bytes: int = 20_000_000
    timeout_s: float = 30.0
    redirects: int = 5
    attempts: int = _ATTEMPTS


@dataclass(frozen=True, slots=True)
class Seen:
    """What a server said of a page the last time: sent back, so that it may answer that nothing changed."""

    etag: str = ""
    modified: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The conditions of a request; empty where nothing is known."""
        said = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came: the URL after redirects, headers in lower case, the unpacked content; `fresh` is False for a 304."""

    url: str
    fresh: bool
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def type(self) -> str:
        """The media type in lower case, without parameters; empty where the server does not say."""
        return media_type(self.headers)


def _always(_: str) -> None:
    """Lets every URL be asked."""


@dataclass(frozen=True, slots=True)
class Ask:
    """How a page is asked for: what was seen of it, what is called before each hop, and the types that are read.

    `types` are patterns such as `text/*`; none means any. A server that names no type passes.
    """

    seen: Seen = Seen()
    before: Callable[[str], None] = _always
    types: Sequence[str] = ()


class Fetcher:
    """Fetches with GET alone, without cookies, keys or proxies.

    `private` allows loopback and private networks. What fails for now is tried again as the server asks.
    """

    def __init__(
        self,
        agent: str,
        limits: Limits = Limits(),
        *,
        private: bool = False,
        resolve: Resolve | None = None,
        wait: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        from surefoot.ingest.fetching.pinned import system_addresses

        self._agent = agent
        self._limits = limits
        self._private = private
        self._resolve = resolve or system_addresses
        self._wait = wait
        self._clock = clock
        self._failures: Counter[str] = Counter()
        self._lock = Lock()
        self._tls: ssl.SSLContext | None = None

    def fetch(self, url: str, ask: Ask = Ask()) -> Fetched:
        """The page; `ask.before` is called with the URL of every hop, and may raise to stop there.

        Raises:
            Gone: there is none.
            Refused: the server does not hand it out.
            Denied: it, or where it leads, is on a machine that must not be asked.
            WrongType: it is of a type that is not read.
            DataError: it is too large, leads in circles, or is sent in a way that is not read.
            TransientError: it is out of reach for now, after three attempts.
        """
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

        place = origin(url)
        if self.is_down(url):
            raise TransientError("is out of reach, as pages before it were", where=url)
        retrying = Retrying(
            retry=retry_if_exception_type(TransientError),
            stop=stop_after_attempt(self._limits.attempts),
            wait=lambda state: _pause_s(state.attempt_number, state.outcome),
            sleep=self._wait,
            reraise=True,
        )
        try:
            found: Fetched = retrying(self._followed, url, ask)
        except TransientError:
            with self._lock:
                self._failures[place] += 1
            raise
        self._failures[place] = 0
        return found

    def is_down(self, url: str) -> bool:
        """Whether the host failed so often in a row that it is not asked any more."""
        return self._failures[origin(url)] >= _DOWN_AFTER

    def _followed(self, url: str, ask: Ask) -> Fetched:
        from surefoot.ingest.fetching.pinned import Deadline

        for _ in range(self._limits.redirects + 1):
            ask.before(url)
            # The time that `before` waits in is not the server's.
            deadline = Deadline(self._clock, self._limits.timeout_s)
            found = self._asked(url, ask, deadline)
            if isinstance(found, Fetched):
                return found
            if url.startswith("https:") and found.startswith("http:"):
                raise DataError(f"leads from https to {found}", where=url, hint="use that address")
            url = found
        raise DataError(f"leads on more than {self._limits.redirects} times", where=url)

    def _asked(self, url: str, ask: Ask, deadline: Deadline) -> Fetched | str:
        """What came from there, or where it leads."""
        import httpcore

        from surefoot.ingest.fetching.pinned import PinnedBackend

        backend = PinnedBackend(self._resolve, deadline, private=self._private)
        waits = {"connect": min(_CONNECT_S, self._limits.timeout_s), "read": _CONNECT_S * 3}
        headers = {
            "Host": url.partition("://")[2].partition("/")[0],
            "User-Agent": self._agent,
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
            "Connection": "close",
            **ask.seen.headers,
        }
        try:
            with (
                httpcore.ConnectionPool(self._context(url), network_backend=backend) as pool,
                pool.stream(
                    "GET", url, headers=list(headers.items()), extensions={"timeout": waits}
                ) as reply,
            ):
                return self._answered(url, ask, reply)
        except (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
        ) as problem:
            said = str(problem) or type(problem).__name__
            raise TransientError(
                f"is out of reach ({said})"[:300], where=url, hint="try again later"
            ) from None

    def _answered(self, url: str, ask: Ask, reply: httpcore.Response) -> Fetched | str:
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in reply.headers}
        status = reply.status
        if status == 304:
            return Fetched(url, fresh=False, headers=headers)
        if status in _MOVED and "location" in headers:
            return normal(headers["location"].encode("latin-1").decode("utf-8", "replace"), url)
        if status in _GONE:
            raise Gone(f"is gone (status {status})", where=url, hint="remove it from the list")
        if status in _BUSY or status >= 500:
            raise TransientError(
                f"is out of reach (status {status})",
                where=url,
                hint="try again later",
                retry_after_s=_asked_s(headers),
            )
        if status != 200:
            hint = "look at it in a browser; it may want a login"
            raise Refused(f"is refused (status {status})", where=url, hint=hint)
        kind = media_type(headers)
        if kind and ask.types and not any(fnmatchcase(kind, pattern) for pattern in ask.types):
            hint = "add the type to types of the source if it is to be read"
            raise WrongType(f"is of the type {kind[:80]}", where=url, hint=hint)
        body = _unpacked(reply.iter_stream(), headers, self._limits.max_bytes, url)
        return Fetched(url, fresh=True, headers=headers, body=body)

    def _context(self, url: str) -> ssl.SSLContext | None:
        if not url.startswith("https:"):
            return None
        with self._lock:
            if self._tls is None:
                import httpx

                self._tls = httpx.create_ssl_context()
            return self._tls


def media_type(headers: Mapping[str, str]) -> str:
    """The media type that headers name, in lower case and without parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _unpacked(pieces: Iterable[bytes], headers: Mapping[str, str], most: int, where: str) -> bytes:
    """The content, unpacked no further than the limit."""
    packing = headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip"):
        raise DataError(f"is sent packed as {packing[:40]!r}, which nobody asked for", where=where)
    unpacker = zlib.decompressobj(wbits=31) if "gzip" in packing else None
    body = bytearray()
    try:
        for piece in pieces:
            body += unpacker.decompress(piece, most + 1 - len(body)) if unpacker else piece
            if len(body) > most:
                raise DataError(
                    f"is larger than {most:,} bytes", where=where, hint="raise max_mb of the source"
                )
    except zlib.error:
        raise DataError("is damaged: it cannot be unpacked", where=where) from None
    return bytes(body)


def _asked_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait; a date there counts as nothing said."""
    try:
        return max(0.0, float(headers["retry-after"]))
    except (KeyError, ValueError):
        return None


def _pause_s(attempt: int, outcome: object) -> float:
    problem = outcome.exception() if hasattr(outcome, "exception") else None
    asked = problem.retry_after_s if isinstance(problem, TransientError) else None
    return min(0.5 * 2 ** (attempt - 1) if asked is None else asked, _LONGEST_WAIT_S)
