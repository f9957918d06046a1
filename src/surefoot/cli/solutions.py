"""The former solutions of a workspace: seen, and put into force again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, print_table, progress, say
from surefoot.cli.workspace import open_space

if TYPE_CHECKING:
    from surefoot.run.formers import Former

solutions = typer.Typer(
    help="See what was replaced by promoting, and take it back.", no_args_is_help=True
)
app.add_typer(solutions, name="solutions")


@command(solutions)
def history(options: Options) -> None:
    """List the solution files that were replaced by promote, optimize --apply or rollback, the last first.

    Example: surefoot solutions history
    """
    from surefoot.run.formers import Formers

    with open_space(options) as space:
        found = Formers(space.root).all()
    if options.json:
        print_json([_told(one) for one in found])
        return
    print_table(
        ("id", "replaced", "by", "name", "digest"),
        [(one.id, _moment(one), one.why, one.name, one.digest[:12]) for one in found],
    )


@command(solutions)
def show(options: Options, former: Annotated[str, typer.Argument(help="Its id, or last.")]) -> None:
    """Print the file of a former solution.

    Example: surefoot solutions show last
    """
    from surefoot.run.formers import Formers

    with open_space(options) as space:
        found = Formers(space.root).get(former)
    if options.json:
        print_json({**_told(found), "text": found.text})
    else:
        typer.echo(found.text, nl=False)


@command(solutions)
def rollback(
    options: Options,
    former: Annotated[str, typer.Argument(help="Its id as history lists it, or last.")] = "last",
) -> None:
    """Make a former solution the workspace's own again; what it takes the place of is kept the same way.

    Sources that were added since stay.

    Example: surefoot solutions rollback
    """
    from surefoot.optimize.rolling_back import roll_back

    with (
        open_space(options) as space,
        progress("rolling back", quiet=options.quiet or options.json),
    ):
        found = roll_back(space, former)
        digest = space.resources.digest
    kept = found.former.id if found.former else ""
    if options.json:
        print_json({"id": found.back.id, "digest": digest, "former": kept, "sync": found.stale})
        return
    if not kept:
        say(f"{found.back.id} is in force already", quiet=options.quiet)
        return
    say(f"{found.back.id} answers again; the one before is {kept}", quiet=options.quiet)
    if found.stale:
        say("its sources are others: surefoot sync reads them", quiet=options.quiet)


def _told(one: Former) -> dict[str, Any]:
    told = one.model_dump(mode="json", include={"id", "digest", "why", "name"})
    return {**told, "when": one.when}


def _moment(one: Former) -> str:
    return datetime.fromtimestamp(one.when, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
