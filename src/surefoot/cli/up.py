"""One command from documents to a page that answers: `surefoot up`."""

from __future__ import annotations

import sys
import webbrowser
from contextlib import ExitStack
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.corpus import report_problems, with_progress
from surefoot.cli.render import print_json, say
from surefoot.cli.workspace import flags
from surefoot.core.errors import ConfigError


@command(app)
def up(
    options: Options,
    docs: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders or files to ask; the workspace here where none is given."),
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="The example handbook, English and Chinese.")
    ] = False,
    port: Annotated[int | None, typer.Option("--port", help="Port; 0 = any that is free.")] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page, where there is a screen.")
    ] = True,
) -> None:
    """Read documents where they are new or changed, serve them on this machine, and open the page.

    Example: surefoot up ./docs
    """
    from surefoot.config.settings import load_settings
    from surefoot.serve.server import serve
    from surefoot.serve.tenants import Tenant, Tenants

    if example and docs:
        raise ConfigError("--example and DOCS exclude each other", where="--example")
    root = _prepared(options, docs or [], example=example)
    settings = load_settings(workspace=root, flags=flags(options) | {"port": port}).settings

    def ready(address: str) -> None:
        if options.json:
            print_json({"address": address, "workspace": str(root)})
        else:
            typer.echo(address)
            say("Ctrl-C ends", quiet=options.quiet)
        if browser and sys.stdout.isatty():
            webbrowser.open(address)

    serve(Tenants([Tenant(root, flags(options))]), settings, keys=False, ready=ready)


def _prepared(options: Options, docs: list[Path], *, example: bool) -> Path:
    """The workspace, in step with its documents; a document that cannot be read is told and stops nothing."""
    from surefoot.config.settings import load_settings
    from surefoot.run.corpus import follow, workspace_for
    from surefoot.run.workspace import find_root, open_workspace

    with ExitStack() as stack:
        if example:
            packed = resources.files("surefoot.cli") / "data" / "handbook"
            docs = [stack.enter_context(resources.as_file(packed))]
            root = load_settings(flags=flags(options)).settings.home / "demo"
        elif docs:
            root = workspace_for(docs, flags(options))
        else:
            root = find_root((options.workspace or Path.cwd()).expanduser().resolve())
        with open_workspace(root, settings=flags(options)) as space:
            report = with_progress(
                options,
                "reading",
                lambda show: follow(space, docs, show) if docs else space.sync(progress=show),
            )
        report_problems(report, options)
        if not options.json:
            say(report.summary(), quiet=options.quiet)
    return root
