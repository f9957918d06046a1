"""The root of the command line; the modules of commands hang their commands on it."""

from __future__ import annotations

from typing import Annotated

import typer

from surefoot import __version__

app = typer.Typer(
    name="surefoot",
    help="Find, prove and serve the best way to make a language model answer over your own documents.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: importing rich would double its time
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog='First answer: surefoot ask --docs ./docs "How do I ...?"   Tour: surefoot demo',
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"surefoot {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and leave.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    del version
