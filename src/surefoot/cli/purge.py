"""Deleting what is still kept of documents that are gone."""

from __future__ import annotations

from typing import Annotated

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, say
from surefoot.cli.workspace import open_space


@command(app)
def purge(
    options: Options,
    documents: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of removed documents; all that the index has no more if none."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; do nothing.")
    ] = False,
) -> None:
    """Delete what traces, responses, searches, replies and former table versions keep of documents that were removed.

    Snapshots, runs and eval sets that may hold their text are named, and stay.

    Example: surefoot purge docs/old.md
    """
    from surefoot.run.purging import purge as forget

    with open_space(options) as space:
        found = forget(space, documents or (), dry_run=dry_run)
    if options.json:
        print_json(found)
        return
    done = "would delete" if dry_run else "deleted"
    what = (
        f"{found.traces} traces, {found.responses} kept responses and "
        f"{found.trials} outcomes of searches"
    )
    typer.echo(f"{done} {what} of {len(found.documents)} documents that are gone")
    for kind, names in (
        ("snapshots", found.snapshots),
        ("runs", found.runs),
        ("eval sets", found.evalsets),
    ):
        if names:
            say(f"{kind} that may still hold their text: {', '.join(names)}", quiet=options.quiet)
