"""Opens the workspace that a command works on, and makes one: `surefoot init`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command, parse_overrides
from surefoot.cli.render import print_json, say

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace


def flags(options: Options) -> dict[str, Any]:
    """Application settings that were given as flags."""
    return {"offline": True} if options.offline else {}


def open_space(options: Options) -> Workspace:
    """The workspace that `--workspace` names, else the nearest one upwards."""
    from surefoot.run.workspace import find_root, open_workspace

    root = find_root((options.workspace or Path.cwd()).expanduser().resolve())
    overrides = parse_overrides(options.overrides)
    return open_workspace(
        root, solution=options.solution, overrides=overrides, settings=flags(options)
    )


@command(app)
def init(
    options: Options,
    folder: Annotated[Path, typer.Argument(help="Where to make the workspace.")] = Path(),
) -> None:
    """Make a workspace: a folder with surefoot.toml.

    Example: surefoot init work
    """
    from surefoot.run.workspace import make_workspace

    file = make_workspace((options.workspace or folder).expanduser().resolve())
    if options.json:
        print_json({"solution": str(file)})
    else:
        typer.echo(str(file))
        say("next: surefoot add DOCS, then surefoot ask", quiet=options.quiet)
