"""Snapshots of the index, and mending it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from surefoot.cli.command import Options, command
from surefoot.cli.main import app
from surefoot.cli.render import print_json, print_table, say
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError

snapshots = typer.Typer(help="Keep and bring back states of the index.", no_args_is_help=True)
app.add_typer(snapshots, name="snapshot")

Name = Annotated[str, typer.Argument(help="Name of the snapshot.")]
