"""Runs the HTTP server until it is told to stop; refuses what would be open to others."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable

import uvicorn

from surefoot.config.settings import AppSettings
from surefoot.core.errors import ConfigError
from surefoot.serve.app import make_app
from surefoot.serve.desk import Desk
from surefoot.serve.mcp import make_mcp
from surefoot.serve.serving import Serving
from surefoot.serve.tenants import Tenants
from surefoot.serve.who import Door


def serve(
    tenants: Tenants,
    settings: AppSettings,
    *,
    keys: bool,
    ready: Callable[[str], None],
    log: Callable[[str], None] | None = None,
) -> None:
    """Serves at `settings.host` and `port`; `ready` is told the address once it listens, `log` of each request.

    Ends on SIGINT and SIGTERM. What is answered then is finished first.

    Raises:
        ConfigError: the address is beyond this machine and there is no key, or the port is taken.
    """
    if not is_loopback(settings.host) and not any(tenant.keys.all() for tenant in tenants.all):
        raise ConfigError(
            f"{settings.host} can be reached from other machines and there is no key",
            where="host",
            hint="surefoot keys create NAME, or listen on 127.0.0.1",
        )
    app = make_app(tenants, settings, keys=keys or not is_loopback(settings.host), log=log)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.serve_timeout_s,
        limit_concurrency=None,
        h11_max_incomplete_event_size=64 * 1024,
    )
    listener = _listen(settings)
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    with listener:
        ready(f"http://{shown}:{port}")
        server = uvicorn.Server(config)
        app.state.stopping = lambda: server.should_exit
        server.run(sockets=[listener])


def serve_stdio(tenants: Tenants, settings: AppSettings) -> None:
    """Speaks MCP over stdin and stdout, as the owner of the first workspace, until the input ends."""
    desk = Desk(settings.serve_workers, settings.serve_queue)
    door = Door(tenants, required=False, now_ns=time.time_ns)
    serving = Serving(tenants, door, desk, settings)
    try:
        make_mcp(serving).run("stdio")
    finally:
        desk.close()
        tenants.close()


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(settings: AppSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as problem:
        listener.close()
        raise ConfigError(
            f"cannot listen on {settings.host}:{settings.port}: {problem.strerror}",
            where="port",
            hint="another --port, or 0 for any that is free",
        ) from None
    listener.listen(2048)
    return listener
