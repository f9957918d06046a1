"""Snapshots of the index, and mending it."""

from __future__ import annotations

from typing import Annotated

import typer

from surefoot.cli.main import app

snapshots = typer.Typer(help="Keep and bring back states of the index.", no_args_is_help=True)
app.add_typer(snapshots, name="snapshot")

Name = Annotated[str, typer.Argument(help="Name of the snapshot.")]
