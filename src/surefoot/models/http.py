"""JSON over HTTP to a model's endpoint: retries, time limits, keys that never show, errors sorted by who must act."""

from __future__ import annotations

import ipaddress
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from surefoot.core.errors import ConfigError, DataError, MissingError, TransientError

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

_ATTEMPTS = 4
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0
_SHOWN_CHARS = 300
_BUSY = frozenset({408, 409, 425, 429})


@dataclass(frozen=True, slots=True)
class Address:
    """Where an endpoint is. `key` is `env:VARIABLE` or empty; `where` is what errors call it."""

    base_url: str
    where: str
    key: str = ""
    timeout_s: float = 60.0


class JsonClient:
    """Posts JSON; only TransientError is tried again, at most four times, waiting as the endpoint asks (up to 30 s)."""

    def __init__(self, address: Address, wait: Callable[[float], None] = time.sleep) -> None:
        import httpx

        self._address = address
        self._wait = wait
        self._key = read_key(address)
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._client = httpx.Client(timeout=address.timeout_s, headers=headers)

    def post(self, path: str, body: Any) -> Any:
        """The reply's JSON.

        Raises:
            TransientError: the endpoint was not reached, too slow or busy, four times over.
            ConfigError: it refuses the key or does not know the address.
            DataError: it refuses the request, or the reply is not JSON.
        """
        return self._retrying()(self._post, path, body)

    @contextmanager
    def stream(self, path: str, body: Any) -> Iterator[httpx.Response]:
        """The open reply, not yet read; tried again as long as it has not begun. Raises as `post`."""
        response = self._retrying()(self._open, path, body)
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
        except ValueError:
            raise DataError(
                f"the reply is not JSON: {self._shown(text)}",
                where=self._address.where,
                hint="check that base_url is the address of the API",
            ) from None

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _post(self, path: str, body: Any) -> Any:
        response = self._open(path, body)
        try:
            return self.json(response.read().decode("utf-8", errors="replace"))
        finally:
            response.close()

    def _open(self, path: str, body: Any) -> httpx.Response:
        import httpx

        request = self._client.build_request(
            "POST", self._address.base_url.rstrip("/") + path, json=body
        )
        try:
            response = self._client.send(request, stream=True)
            if response.is_success:
                return response
            text = response.read().decode("utf-8", errors="replace")
            response.close()
        except httpx.HTTPError as problem:
            raise self._unreached(problem) from None
        raise self._refused(response, text)

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
            hint = "check base_url and model"
            return ConfigError(f"nothing answers at {response.url}, {said}", where=where, hint=hint)
        return DataError(f"the request is refused, {said}", where=where)

    def _shown(self, text: str) -> str:
        """The beginning of a text from outside, on one line and without the key."""
        clean = text.replace(self._key, "***") if self._key else text
        return "".join(c if c.isprintable() else " " for c in clean)[:_SHOWN_CHARS]

    def _retrying(self) -> Any:
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

        return Retrying(
            retry=retry_if_exception_type(TransientError),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=_pause_s,
            sleep=self._wait,
            reraise=True,
        )


def read_key(address: Address) -> str:
    """The key from the environment; empty where none is asked for.

    Raises:
        ConfigError: the variable is not set, or holds what cannot be a key.
    """
    if not address.key:
        return ""
    name = address.key.removeprefix("env:")
    key = os.environ.get(name, "").strip()
    if not key:
        raise ConfigError(
            f"needs a key in the variable {name}", where=address.where, hint=f"export {name}=..."
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigError(
            f"the variable {name} holds signs that no key has",
            where=address.where,
            hint="look for a line break or a blank in it",
        )
    return key


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
            hint="ask a model on this machine",
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
