"""What a chat model writes of the documents: what it will take, writing the rest, deleting what is not needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, print_table, progress, say
from surefoot.cli.workspace import open_space
from surefoot.core.budget import parse_budget, seconds_said
from surefoot.core.errors import CapReached, TransientError

if TYPE_CHECKING:
    from surefoot.ingest.report import Writing
    from surefoot.ingest.writing.forecast import Ahead, Forecast
    from surefoot.run.writing import Terms

views = typer.Typer(
    help="Views that a chat model writes: forecast, write, purge.", no_args_is_help=True
)
app.add_typer(views, name="views")

WritingBudget = Annotated[
    str | None,
    typer.Option(
        "--budget",
        metavar="LIMITS",
        help="Where a chat model writes views: stop it at 15m, 500calls or 3usd; 0calls has it write none.",
    ),
]


@command(views, solution=True)
def forecast(
    options: Options,
    no_probe: Annotated[
        bool, typer.Option("--no-probe", help="Ask nothing: count the calls alone.")
    ] = False,
) -> None:
    """Say what writing the missing views takes: calls, tokens, time, money, told from a few of them.

    Example: surefoot views forecast
    """
    from surefoot.run.writing import forecast_views

    with open_space(options) as space:
        found = forecast_views(space, probe=not no_probe)
    if options.json:
        print_json(found)
        return
    if not found.calls:
        typer.echo("nothing is left to write")
        return
    columns = ("view", "model", "documents", "calls", "tokens read", "tokens written", "time")
    print_table((*columns, "USD"), [_row(part) for part in found.parts])
    for part in found.parts:
        if part.reading and part.writing:
            say(
                f"{part.name}: told from {part.probed} calls, {part.reading:,.0f} tokens read and "
                f"{part.writing:,.0f} written a second",
                quiet=options.quiet,
            )


@command(views, solution=True)
def write(
    options: Options,
    budget: WritingBudget = None,
    again: Annotated[
        bool, typer.Option("--again", help="Ask once more what gave no usable reply.")
    ] = False,
) -> None:
    """Have the chat model write the missing views of the documents in the index; no source is read.

    Example: surefoot views write --budget 2h
    """
    from surefoot.run.writing import write_views

    quiet = options.quiet or options.json
    with open_space(options) as space, progress("writing", quiet=quiet) as show:
        written = write_views(space, terms(options, budget), again=again, progress=show)
    if options.json:
        print_json(written)
    else:
        tell_notes(written, options)
        typer.echo(written.summary())
    leave_where_stopped(written)


@command(views, solution=True)
def purge(options: Options) -> None:
    """Delete kept replies of chat models that no document of an index needs; each sync does it too.

    Example: surefoot views purge
    """
    from surefoot.run.writing import tidy

    with open_space(options) as space, space.wanted() as resources:
        found = tidy(resources)
    if options.json:
        print_json(found)
    else:
        typer.echo(f"deleted {found.deleted} replies; {found.kept} are kept")


def terms(options: Options, budget: str | None) -> Terms:
    """How far a chat model may go, and what it will take told on stderr."""
    from surefoot.core.budget import Budget
    from surefoot.run.writing import Terms

    def tell(found: Forecast) -> None:
        for line in found.lines():
            say(f"forecast: {line}", quiet=options.quiet or options.json)

    return Terms(parse_budget(budget) if budget else Budget(), tell)


def tell_notes(written: Writing, options: Options, most: int = 5) -> None:
    """The first passages for which nothing could be used."""
    shown = len(written.notes) if options.verbose else most
    for note in written.notes[:shown]:
        say(f"note: {note}", quiet=options.quiet)
    if len(written.notes) > shown:
        say(f"and {len(written.notes) - shown} more; --verbose shows them", quiet=options.quiet)


def leave_where_stopped(written: Writing | None) -> None:
    """Leaves with the exit code of who must act, where the writing stopped before its end."""
    if written is not None and written.stopped:
        raise typer.Exit((CapReached if written.capped else TransientError).exit_code)


def _row(part: Ahead) -> tuple[object, ...]:
    tokens = (part.prompt_tokens, part.completion_tokens)
    times = (part.seconds, part.low_s, part.high_s)
    time = ""
    if None not in times:
        value, low, high = (seconds_said(round(seconds or 0.0)) for seconds in times)
        time = f"{value} ({low} to {high})"
    counts = ("" if count is None else f"{count:,}" for count in tokens)
    money = f"{part.dollars:.2f}" if part.dollars else ""
    money = "not known" if part.dollars is None else money
    return (part.name, part.model, part.documents, part.calls, *counts, time, money)
