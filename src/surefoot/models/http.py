"""JSON over HTTP: retries, limits of time and size, keys that never show, errors sorted by who must act."""

from __future__ import annotations

import base64
import ipaddress
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from surefoot.config.secrets import read_secret
from surefoot.core.errors import ConfigError, DataError, MissingError, TransientError

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

_ATTEMPTS = 4
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0
_SHOWN_CHARS = 300
_REFUSAL_BYTES = 65_536
_BUSY = frozenset({408, 409, 425, 429})

Auth = Literal["bearer", "apikey", "basic"]
_SCHEMES: dict[str, str] = {"bearer": "Bearer", "apikey": "ApiKey", "basic": "Basic"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where an endpoint is. `key` is `env:VARIABLE` or empty; `where` is what errors call it.

    The key goes out as `auth` says (`basic`: it reads `user:password`), or by itself in the header `key_header`.
    """

    base_url: str
    where: str
    key: str = ""
    timeout_s: float = 60.0
    auth: Auth = "bearer"
    key_header: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often an endpoint is tried, and how many bytes a reply may have; None means no limit."""

    attempts: int = _ATTEMPTS
    max_bytes: int | None = None


class JsonClient:
    """Asks for JSON; only TransientError is tried again, waiting as the endpoint asks (up to 30 s)."""

    def __init__(
        self,
        address: Address,
        wait: Callable[[float], None] = time.sleep,
        patience: Patience = Patience(),
    ) -> None:
        import httpx

        self._address = address
        self._wait = wait
        self._patience = patience
        self._key = read_key(address)
        headers = _headers(address, self._key)
        self._secrets = (self._key, *(value.partition(" ")[2] for value in headers.values()))
        self._client = httpx.Client(timeout=address.timeout_s, headers=headers)

    def post(self, path: str, body: Any, *, within_s: float | None = None) -> Any:
        """The reply's JSON; with `within_s`, all attempts together take no longer than that.

        Raises:
            TransientError: the endpoint was not reached, too slow or busy, in all attempts.
            ConfigError: it refuses the key or does not know the address.
            DataError: it refuses the request, or the reply is too large or not JSON.
        """
        return self._asked("POST", path, {"json": body}, within_s)

    def get(self, path: str, params: Mapping[str, str], *, within_s: float | None = None) -> Any:
        """The reply's JSON. Takes and raises as `post`."""
        return self._asked("GET", path, {"params": dict(params)}, within_s)

    def form(
        self, path: str, fields: Mapping[str, str | list[str]], *, within_s: float | None = None
    ) -> Any:
        """The reply's JSON to fields sent as a form. Takes and raises as `post`."""
        return self._asked("POST", path, {"data": dict(fields)}, within_s)

    @contextmanager
    def stream(self, path: str, body: Any) -> Iterator[httpx.Response]:
        """The open reply, not yet read; tried again as long as it has not begun. Raises as `post`."""
        response = self._retrying()(self._open, "POST", path, {"json": body})
        try:
            yield response
        finally:
            response.close()

    def lines(self, response: httpx.Response) -> Iterator[str]:
        """The lines of an open reply as they come.

        Raises:
            TransientError: the connection broke or fell silent.
        """
        import httpx

        try:
            yield from response.iter_lines()
        except httpx.HTTPError as problem:
            raise self._unreached(problem) from None

    def json(self, text: str) -> Any:
        """Reads JSON that the endpoint sent.

        Raises:
            DataError: it is none.
        """
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise DataError(
                f"the reply is not JSON: {self._shown(text)}",
                where=self._address.where,
                hint="check that base_url is the address of the API",
            ) from None

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _asked(
        self, method: str, path: str, content: dict[str, Any], within_s: float | None
    ) -> Any:
        ends = None if within_s is None else time.monotonic() + within_s
        return self._retrying(within_s)(self._reply, method, path, content, ends)

    def _reply(self, method: str, path: str, content: dict[str, Any], ends: float | None) -> Any:
        response = self._open(method, path, content, ends)
        try:
            return self.json(self._read(response, ends).decode("utf-8", errors="replace"))
        finally:
            response.close()

    def _read(self, response: httpx.Response, ends: float | None) -> bytes:
        """What the endpoint sends, up to the limits of size and time."""
        import httpx

        read, most = bytearray(), self._patience.max_bytes
        try:
            for piece in response.iter_bytes():
                read += piece
                if most is not None and len(read) > most:
                    raise DataError(f"the reply is larger than {most} bytes", where=self._where)
                self._left(ends)
        except httpx.HTTPError as problem:
            raise self._unreached(problem) from None
        return bytes(read)

    def _left(self, ends: float | None) -> float:
        """The seconds that a request may still take."""
        left = self._address.timeout_s if ends is None else ends - time.monotonic()
        if left <= 0:
            raise TransientError(
                "no reply in time", where=self._where, hint="check the endpoint, or raise timeout_s"
            )
        return min(left, self._address.timeout_s)

    def _open(
        self, method: str, path: str, content: dict[str, Any], ends: float | None = None
    ) -> httpx.Response:
        import httpx

        address = self._address.base_url.rstrip("/") + path
        request = self._client.build_request(method, address, timeout=self._left(ends), **content)
        try:
            response = self._client.send(request, stream=True)
        except httpx.HTTPError as problem:
            raise self._unreached(problem) from None
        if response.is_success:
            return response
        raise self._refused(response, self._beginning(response))

    def _beginning(self, response: httpx.Response) -> str:
        """What a refusing endpoint says first."""
        import httpx

        read = bytearray()
        try:
            for piece in response.iter_bytes():
                read += piece
                if len(read) >= _REFUSAL_BYTES:
                    break
        except httpx.HTTPError as problem:
            raise self._unreached(problem) from None
        finally:
            response.close()
        return bytes(read[:_REFUSAL_BYTES]).decode("utf-8", errors="replace")

    def _unreached(self, problem: Exception) -> TransientError:
        return TransientError(
            f"no reply ({type(problem).__name__}: {self._shown(str(problem))})",
            where=self._address.where,
            hint="check that the endpoint runs, its address and timeout_s",
        )

    def _refused(self, response: httpx.Response, text: str) -> Exception:
        code, where = response.status_code, self._address.where
        said = f"status {code}: {self._shown(_message(text))}"
        if code in _BUSY or code >= 500:
            return TransientError(said, where=where, retry_after_s=_retry_after(response))
        if code in (401, 403):
            name = self._address.key.removeprefix("env:")
            hint = f"check the variable {name}" if name else 'set key = "env:VARIABLE"'
            return ConfigError(f"the key is refused, {said}", where=where, hint=hint)
        if code in (301, 302, 307, 308, 404, 405):
            hint = "check base_url, and what is asked for there"
            at = response.url.copy_with(query=None)
            return ConfigError(f"nothing answers at {at}, {said}", where=where, hint=hint)
        return DataError(f"the request is refused, {said}", where=where)

    def _shown(self, text: str) -> str:
        """The beginning of a text from outside, on one line and without the key."""
        for secret in filter(None, self._secrets):
            text = text.replace(secret, "***")
        return "".join(c if c.isprintable() else " " for c in text)[:_SHOWN_CHARS]

    @property
    def _where(self) -> str:
        return self._address.where

    def _retrying(self, within_s: float | None = None) -> Any:
        from tenacity import (
            Retrying,
            retry_if_exception_type,
            stop_after_attempt,
            stop_before_delay,
        )

        often = stop_after_attempt(self._patience.attempts)
        return Retrying(
            retry=retry_if_exception_type(TransientError),
            stop=often if within_s is None else often | stop_before_delay(within_s),
            wait=_pause_s,
            sleep=self._wait,
            reraise=True,
        )


def read_key(address: Address) -> str:
    """The key from the environment; empty where none is asked for.

    Raises:
        ConfigError: the variable is not set, or holds what cannot be a key.
    """
    key = read_secret(address.key, address.where)
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigError(
            f"the variable {address.key.removeprefix('env:')} holds signs that no key has",
            where=address.where,
            hint="look for a line break or a blank in it",
        )
    return key


def _headers(address: Address, key: str) -> dict[str, str]:
    """The header with the key; none where there is no key."""
    if not key:
        return {}
    if address.key_header:
        return {address.key_header: key}
    said = base64.b64encode(key.encode()).decode() if address.auth == "basic" else key
    return {"Authorization": f"{_SCHEMES[address.auth]} {said}"}


def refuse_offline(base_url: str, where: str) -> None:
    """For work without network: lets addresses on this machine pass.

    Raises:
        MissingError: the address is on another machine.
    """
    host = urlsplit(base_url).hostname or ""
    try:
        near = ipaddress.ip_address(host).is_loopback
    except ValueError:
        near = host == "localhost"
    if not near:
        raise MissingError(
            f"{host} is on the network, and the network is off",
            where=where,
            hint="name one on this machine, or let the network be used",
        )


def _pause_s(state: RetryCallState) -> float:
    problem = state.outcome.exception() if state.outcome else None
    asked = problem.retry_after_s if isinstance(problem, TransientError) else None
    pause = _FIRST_WAIT_S * 2 ** (state.attempt_number - 1) if asked is None else asked
    return min(pause, _LONGEST_WAIT_S)


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds that the endpoint asks to wait; a date there counts as nothing said."""
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None


def _message(text: str) -> str:
    """What an error reply says, in the shape of OpenAI or in its own words."""
    try:
        raw = json.loads(text)
    except ValueError:
        return text
    error = raw.get("error", raw.get("detail", raw)) if isinstance(raw, dict) else raw
    return str(error.get("message", error)) if isinstance(error, dict) else str(error)


def said_tokens(reply: Any) -> int:
    """How many tokens the endpoint says it read; 0 where it does not say."""
    usage = reply.get("usage") if isinstance(reply, dict) else None
    if not isinstance(usage, dict):
        return 0
    said = (usage.get(name) for name in ("total_tokens", "prompt_tokens"))
    return next((count for count in said if isinstance(count, int) and count > 0), 0)
