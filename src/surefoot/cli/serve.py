"""Serves workspaces over HTTP and MCP: `surefoot serve`, `surefoot mcp`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, say
from surefoot.cli.workspace import flags

LogFormat = Literal["none", "json"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where it listens."""

    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None
    port: Annotated[int | None, typer.Option("--port", help="Port; 0 = any that is free.")] = None


@dataclass(frozen=True, slots=True)
class Syncs:
    """What makes it sync."""

    watch: Annotated[
        bool | None, typer.Option("--watch", help="Sync when files of the corpus change.")
    ] = None
    sync_every: Annotated[
        str | None, typer.Option("--sync-every", help="Sync so often: 30s, 10m, 2h or 1d.")
    ] = None


@command(app)
def serve(
    options: Options,
    workspaces: Annotated[
        list[Path] | None,
        typer.Argument(help="Workspaces to serve, one a tenant; the one here where none is named."),
    ] = None,
    keys: Annotated[bool, typer.Option("--keys", help="Demand a key on loopback too.")] = False,
    log_format: Annotated[
        LogFormat, typer.Option("--log-format", help="json: a line a request on stderr.")
    ] = "none",
    address: Address = Address(),
    syncs: Syncs = Syncs(),
) -> None:
    """Answer over HTTP in the shapes that OpenAI clients know, until stopped.

    Example: surefoot serve --port 8321
    """
    from surefoot.config.settings import load_settings
    from surefoot.run.workspace import find_root
    from surefoot.serve.server import serve as run
    from surefoot.serve.tenants import Tenant, Tenants

    places = workspaces or [options.workspace or Path.cwd()]
    roots = [find_root(place.expanduser().resolve()) for place in places]
    given = flags(options) | {"host": address.host, "port": address.port}
    given |= {"serve_watch": syncs.watch, "serve_sync_every": syncs.sync_every}
    settings = load_settings(workspace=roots[0], flags=given).settings
    tenants = Tenants([Tenant(root, flags(options)) for root in roots])

    def ready(place: str) -> None:
        if options.json:
            print_json({"address": place, "workspaces": [str(root) for root in roots]})
        else:
            typer.echo(place)
            say(f"OpenAI clients: base_url = {place}/v1; Ctrl-C ends", quiet=options.quiet)

    run(tenants, settings, keys=keys, ready=ready, log=_tell if log_format == "json" else None)


@command(app)
def mcp(options: Options) -> None:
    """Speak MCP over stdin and stdout, for desktop clients that start their servers themselves.

    Example: surefoot mcp --workspace work
    """
    from surefoot.config.settings import load_settings
    from surefoot.run.workspace import find_root
    from surefoot.serve.server import serve_stdio
    from surefoot.serve.tenants import Tenant, Tenants

    root = find_root((options.workspace or Path.cwd()).expanduser().resolve())
    settings = load_settings(workspace=root, flags=flags(options)).settings
    serve_stdio(Tenants([Tenant(root, flags(options))]), settings)


def _tell(line: str) -> None:
    typer.echo(line, err=True)
