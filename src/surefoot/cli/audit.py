"""Requests to the server: `surefoot audit list`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, print_table, safe
from surefoot.cli.workspace import open_space
from surefoot.run.places import INNER
from surefoot.store.audit import AuditBook

audit = typer.Typer(help="Who asked the server for what.", no_args_is_help=True)
app.add_typer(audit, name="audit")


@command(audit, "list")
def list_lines(
    options: Options,
    key: Annotated[str, typer.Option("--key", help="Of this key alone.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Lines at most.")] = 50,
) -> None:
    """List requests to the server, the newest first: when, which key, what, and how it ended; never what was said.

    Example: surefoot audit list --limit 20
    """
    with open_space(options) as space:
        settings = space.settings.settings
        book = AuditBook(settings.ledger) if settings.ledger else AuditBook.at(space.root / INNER)
        lines = book.lines(limit=limit, who=key)
        book.close()
    if options.json:
        print_json([asdict(line) for line in lines])
        return
    rows = [
        [
            datetime.fromtimestamp(line.at_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%S"),
            safe(line.who or "-"),
            line.method,
            safe(line.path),
            str(line.status),
            f"{line.ms:.0f}",
        ]
        for line in lines
    ]
    print_table(["when (UTC)", "key", "method", "path", "status", "ms"], rows)
