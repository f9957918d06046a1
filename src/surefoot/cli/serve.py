"""Serves workspaces over HTTP and MCP: `surefoot serve`, `surefoot mcp`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, say
from surefoot.cli.workspace import flags

LogFormat = Literal["none", "json"]


@command(app)
def serve(  # noqa: PLR0913 - one parameter an option
    options: Options,
    workspaces: Annotated[
        list[Path] | None,
        typer.Argument(help="Workspaces to serve, one a tenant; the one here where none is named."),
    ] = None,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port; 0 = any that is free.")] = None,
    keys: Annotated[bool, typer.Option("--keys", help="Demand a key on loopback too.")] = False,
    watch: Annotated[
        bool | None, typer.Option("--watch", help="Sync when files of the corpus change.")
    ] = None,
    sync_every: Annotated[
        str | None, typer.Option("--sync-every", help="Sync so often: 30s, 10m, 2h or 1d.")
    ] = None,
    log_format: Annotated[
        LogFormat, typer.Option("--log-format", help="json: a line a request on stderr.")
    ] = "none",
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
    given = flags(options) | {"host": host, "port": port}
    given |= {"serve_watch": watch, "serve_sync_every": sync_every}
    settings = load_settings(workspace=roots[0], flags=given).settings
    tenants = Tenants([Tenant(root, flags(options)) for root in roots])

    def ready(address: str) -> None:
        if options.json:
            print_json({"address": address, "workspaces": [str(root) for root in roots]})
        else:
            typer.echo(address)
            say(f"OpenAI clients: base_url = {address}/v1; Ctrl-C ends", quiet=options.quiet)

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
