"""Search engines elsewhere: what each one of the solution answers to a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.ask import FilterOption, read_filter
from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, print_table, safe, say, shorten
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError, DataError

if TYPE_CHECKING:
    from surefoot.run.engines import Checked

engines = typer.Typer(help="Check the search engines that a solution joins.", no_args_is_help=True)
app.add_typer(engines, name="engines")

_SHOWN = 3
_SHOWN_CHARS = 80


@command(engines, solution=True)
def check(
    options: Options,
    question: Annotated[str, typer.Argument(help="What each engine is asked.")],
    filter: FilterOption = None,
) -> None:
    """Ask every search engine of the solution, one by one, and show what came back and how fast.

    Example: surefoot engines check "How do I reset my password?"
    """
    from surefoot.run.engines import check_engines

    with open_space(options) as space:
        query = space.query(question, filter=read_filter(filter))
        checked = list(check_engines(space, query))
    if not checked:
        raise ConfigError(
            "no stage of this solution names an engine",
            hint='add [[stages]] kind = "federate" with engines = [...]',
        )
    if options.json:
        print_json([_plain(one) for one in checked])
    else:
        _print(checked, options)
    if any(one.problem for one in checked):
        raise typer.Exit(DataError.exit_code)


def _print(checked: Sequence[Checked], options: Options) -> None:
    columns = ("engine", "kind", "seconds", "passages", "fields", "first")
    print_table(columns, [_row(one) for one in checked])
    for one in checked:
        for note in (*one.notes, *([one.problem] if one.problem else [])):
            say(f"{one.name}: {note.removeprefix(f'{one.name}: ')}", quiet=options.quiet)
        for hit in one.hits[:_SHOWN] if options.verbose else ():
            place = hit.chunk.uri or hit.chunk.document_id
            say(f"{one.name}  {place}\n    {shorten(' '.join(hit.chunk.text.split()), 300)}")


def _row(one: Checked) -> tuple[object, ...]:
    first = one.hits[0].chunk if one.hits else None
    told = "failed" if one.problem else ""
    if first is not None:
        told = safe(shorten(" ".join((first.title or first.text).split()), _SHOWN_CHARS))
    return one.name, one.kind, f"{one.seconds:.2f}", len(one.hits), " ".join(one.fields), told


def _plain(one: Checked) -> dict[str, Any]:
    return {
        "engine": one.name,
        "kind": one.kind,
        "seconds": one.seconds,
        "fields": one.fields,
        "hits": one.hits,
        "notes": one.notes,
        "problem": one.problem,
    }
