"""Asking: one question, or a search."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command, parse_overrides
from surefoot.cli.corpus import report_problems, with_progress
from surefoot.cli.explain import explain_steps
from surefoot.cli.render import print_answer, print_hits, print_json, safe, say
from surefoot.cli.spending import MaxCost, spent_json, spent_said, stop_where_used_up
from surefoot.cli.workspace import flags, open_space
from surefoot.core.errors import ConfigError

if TYPE_CHECKING:
    from surefoot.core.filters import Filter
    from surefoot.core.types import Asker, Query
    from surefoot.run.workspace import Asked, Workspace

FilterOption = Annotated[
    str | None,
    typer.Option(
        "--filter", metavar="JSON", help='Such as \'{"type":"eq","key":"year","value":2024}\'.'
    ),
]
AsOption = Annotated[
    str | None,
    typer.Option("--as", metavar="USER[:GROUP,...]", help="Ask with the rights of this user."),
]
DocsOption = Annotated[
    list[Path] | None,
    typer.Option("--docs", help="Folder or file to ask; kept in step, no workspace needed."),
]


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers, and what it may cost."""

    adapter: Annotated[
        str,
        typer.Option(
            "--adapter", metavar="NAME", help="A trained model that answers in its place."
        ),
    ] = ""
    max_cost: MaxCost = None


@command(app, solution=True, explains=True)
def ask(
    options: Options,
    question: Annotated[
        str, typer.Argument(help="The question, in English or Chinese; - reads stdin.")
    ],
    docs: DocsOption = None,
    filter: FilterOption = None,
    as_user: AsOption = None,
    *,
    answering: Answering,
) -> None:
    """Answer a question from the documents, with checked citations.

    Example: surefoot ask --docs ./docs "How do I reset my password?"
    """
    text = (sys.stdin.read() if question == "-" else question).strip()
    if not text:
        raise ConfigError("the question is empty", where="QUESTION")
    with space_of(options, docs) as space:
        call = _call(options, answering.max_cost)
        asked = _answering(space, answering.adapter).run(_query(space, text, filter, as_user), call)
    if options.json:
        print_json(asked_json(asked) | {"spent": spent_json(asked, call.meter.usage)})
        stop_where_used_up(call.meter, quiet=True)
        return
    answer = asked.turn.answer
    if answer is None:
        raise ConfigError(
            "no stage answers",
            hint='add [[stages]] kind = "quote" to the solution, or use surefoot search',
        )
    print_answer(answer)
    for note in asked.turn.notes:
        say(f"note: {note.message}", quiet=options.quiet)
    say(spent_said(asked, call.meter.usage), quiet=options.quiet)
    if options.explain:
        explain_steps(asked.steps)
    if options.verbose:
        say(f"trace {asked.trace_id}", quiet=options.quiet)
    stop_where_used_up(call.meter, quiet=options.quiet)


@command(app, solution=True, explains=True)
def search(
    options: Options,
    query: Annotated[str, typer.Argument(help="What to look for.")],
    docs: DocsOption = None,
    filter: FilterOption = None,
    as_user: AsOption = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=1000, help="How many passages.")
    ] = 10,
) -> None:
    """Find passages, best first.

    Example: surefoot search "reset password" --limit 5
    """
    from surefoot.core.roles import Call

    call = Call(limit=limit, today=today())
    with space_of(options, docs) as space:
        asked = space.run(_query(space, query, filter, as_user), call, answer=False)
    hits = asked.turn.hits[:limit]
    if options.json:
        print_json(hits)
    else:
        print_hits(hits)
    if options.explain:
        explain_steps(asked.steps)


@contextmanager
def space_of(options: Options, docs: list[Path] | None) -> Iterator[Workspace]:
    """The workspace, or that which `--docs` makes, in step with its documents."""
    if not docs:
        with open_space(options) as space:
            yield space
        return
    from surefoot.run.corpus import follow, workspace_for
    from surefoot.run.workspace import open_workspace

    root = workspace_for(docs, flags(options))
    with open_workspace(
        root,
        solution=options.solution,
        overrides=parse_overrides(options.overrides),
        settings=flags(options),
    ) as space:
        report = with_progress(options, "reading", lambda show: follow(space, docs, show))
        report_problems(report, options)
        yield space


def _answering(space: Workspace, adapter: str) -> Workspace:
    """The workspace, or a view of it in which a trained model answers."""
    from surefoot.run.adapted import adapted

    return adapted(space, adapter) if adapter else space


def _query(space: Workspace, text: str, filter: str | None, as_user: str | None) -> Query:
    return space.query(text, filter=read_filter(filter), asker=asker_of(as_user))


def read_filter(text: str | None) -> Filter | None:
    """The filter that `--filter` gives.

    Raises:
        ConfigError: it is none.
    """
    if text is None:
        return None
    import json

    from surefoot.core.filters import parse_filter

    try:
        return parse_filter(json.loads(text), where="--filter")
    except json.JSONDecodeError as problem:
        raise ConfigError(f"is not JSON: {problem}", where="--filter") from None


def asker_of(text: str | None) -> Asker:
    """Who `--as` says asks."""
    from surefoot.core.types import Asker

    if text is None:
        return Asker()
    user, _, groups = text.partition(":")
    return Asker(user, tuple(group for group in groups.split(",") if group), trusted=False)


def _call(options: Options, max_cost: float | None) -> Any:
    from surefoot.core.roles import Call, Meter

    def show(text: str) -> None:
        typer.echo(safe(text), nl=False, err=True)

    live = not options.json and not options.quiet and sys.stderr.isatty() and options.verbose
    meter = Meter(max_cost=max_cost)
    return Call(on_text=show if live else None, today=today(), meter=meter)


def today() -> date:
    """The day where the person is, from which "last month" is told."""
    return datetime.now(UTC).astimezone().date()


def asked_json(asked: Asked) -> dict[str, Any]:
    """A finished question as one JSON document."""
    turn = asked.turn
    return {
        "question": turn.query.text,
        "answer": turn.answer,
        "hits": turn.hits,
        "notes": turn.notes,
        "trace_id": asked.trace_id,
    }
