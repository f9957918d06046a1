"""Training: adapters and whole weights, and the jobs that train them."""

from __future__ import annotations

import typer

from surefoot.cli.app import app

tune = typer.Typer(help="Train models on your own rows.", no_args_is_help=True)
app.add_typer(tune, name="tune")
"""The group; other modules of commands hang theirs on it too: `from surefoot.cli.tune import tune`."""


@tune.callback()
def _group() -> None:
    pass
