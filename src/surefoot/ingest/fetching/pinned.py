"""Connections to the very address that was looked at: a name that resolves to another one later gains nothing.

Imports httpcore; import this module only to fetch.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore

from surefoot.core.errors import TransientError
from surefoot.ingest.fetching.addresses import Denied, refusal

Resolve = Callable[[str, int], Sequence[str]]


def system_addresses(host: str, port: int) -> Sequence[str]:
    """The IP addresses of a host as this machine resolves it, without repeats.

    Raises:
        OSError: it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class Deadline:
    """The moment by which a whole exchange has to be over."""

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock = clock
        self._ends = clock() + seconds

    def left(self, most: float | None = None) -> float:
        """Seconds left, `most` at most.

        Raises:
            TransientError: it is over.
        """
        left = self._ends - self._clock()
        if left <= 0:
            raise TransientError(
                "did not answer in time", hint="try again later, or raise timeout_s"
            )
        return left if most is None else min(left, most)


class PinnedBackend(httpcore.NetworkBackend):
    """Resolves a host once, refuses what must not be asked, and connects to what is left; TLS still checks the name."""

    def __init__(self, resolve: Resolve, deadline: Deadline, *, private: bool) -> None:
        self._resolve = resolve
        self._deadline = deadline
        self._private = private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects to the first allowed address that answers.

        Raises:
            Denied: no address of the host may be asked.
        """
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as problem:
            raise httpcore.ConnectError(f"{host} has no address ({problem})") from None
        reasons = {address: refusal(address, private=self._private) for address in addresses}
        failure: Exception | None = None
        for address in (address for address, reason in reasons.items() if not reason):
            try:
                stream = httpcore.SyncBackend().connect_tcp(
                    address, port, self._deadline.left(timeout), local_address, socket_options
                )
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                failure = failed
        if failure is not None:
            raise failure
        raise _denied(host, reasons, private=self._private)


class _TimedStream(httpcore.NetworkStream):
    """A stream that ends at the deadline, however slowly the other side goes on to send."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _TimedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _denied(host: str, reasons: dict[str, str], *, private: bool) -> Denied:
    said = ", ".join(f"{address} {reason}" for address, reason in reasons.items())
    hint = "" if private else "set allow_private = true on the source if it is a server of your own"
    return Denied(f"must not be asked: {said or 'it has no address'}", where=host, hint=hint)
