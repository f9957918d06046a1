"""Snapshots of the index, and mending it."""

from __future__ import annotations

from typing import Annotated

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command, confirm
from surefoot.cli.render import print_json, print_table, say
from surefoot.cli.workspace import open_space

snapshots = typer.Typer(help="Keep and bring back states of the index.", no_args_is_help=True)
app.add_typer(snapshots, name="snapshot")

Name = Annotated[str, typer.Argument(help="Letters, digits, _ . and -.")]


@command(snapshots)
def create(options: Options, name: Name) -> None:
    """Name the present state of the index.

    Example: surefoot snapshot create before-import
    """
    with open_space(options) as space:
        made = space.resources.index().snapshots.create(name)
    if options.json:
        print_json(made)
    else:
        typer.echo(f"{made.name}: {made.documents} documents, {made.chunks} chunks")


@command(snapshots, "list")
def list_snapshots(options: Options) -> None:
    """List the snapshots.

    Example: surefoot snapshot list
    """
    with open_space(options) as space:
        found = space.resources.index().snapshots.list()
    if options.json:
        print_json(found)
    else:
        rows = [(s.name, s.documents, s.chunks, s.recipe) for s in found]
        print_table(("name", "documents", "chunks", "recipe"), rows)


@command(snapshots)
def restore(options: Options, name: Name) -> None:
    """Bring the index back to a snapshot; the next sync brings it up to date again.

    Example: surefoot snapshot restore before-import
    """
    confirm(options, f"Put the index back to {name!r}?")
    with open_space(options) as space:
        space.resources.index().snapshots.restore(name)
    if options.json:
        print_json({"restored": name})
    else:
        typer.echo(f"restored {name}")


@command(snapshots)
def delete(options: Options, name: Name) -> None:
    """Forget a snapshot.

    Example: surefoot snapshot delete before-import
    """
    confirm(options, f"Forget the snapshot {name!r}?")
    with open_space(options) as space:
        space.resources.index().snapshots.delete(name)
    if options.json:
        print_json({"deleted": name})
    else:
        typer.echo(f"deleted {name}")


@command(app)
def repair(
    options: Options,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what is wrong; mend nothing.")
    ] = False,
) -> None:
    """Find what is broken in the index and mend it.

    Example: surefoot repair --dry-run
    """
    with open_space(options) as space:
        index = space.resources.index()
        findings = index.check() if dry_run else index.repair()
    if options.json:
        print_json({"findings": findings, "mended": not dry_run})
        return
    for finding in findings:
        typer.echo(finding)
    if not findings:
        typer.echo("nothing is broken")
    elif not dry_run:
        say("now run surefoot sync: it reads again what is missing", quiet=options.quiet)
