"""Documents: add, keep in step, see, remove."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.course import with_stale
from surefoot.cli.render import print_json, print_table, progress, say
from surefoot.cli.views import WritingBudget, leave_where_stopped, tell_notes, terms
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.core.roles import Status

if TYPE_CHECKING:
    from surefoot.ingest.sync import Report

_SHOWN_NOTES = 5
_COLLECT_EVERY = 20_000
"""New objects between two looks for unreachable ones, which may hold whole documents."""
Documents = Annotated[
    list[str], typer.Argument(help="Document ids, as surefoot status --all shows them.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; do nothing.")]


@command(app, solution=True)
def add(
    options: Options,
    places: Annotated[
        list[str],
        typer.Argument(help="Files, folders, patterns, URLs, buckets, mailboxes, a BEIR folder."),
    ],
    site: Annotated[
        bool, typer.Option("--site", help="Follow the links of these URLs, below their paths.")
    ] = False,
    sitemap: Annotated[
        bool, typer.Option("--sitemap", help="Read what these sitemaps list.")
    ] = False,
    budget: WritingBudget = None,
) -> None:
    """Add documents to the workspace and read them.

    Example: surefoot add docs handbook.pdf https://example.org/guide.html
    """
    limits = terms(options, budget)
    named = [_web(place, site=site, sitemap=sitemap) for place in places]
    with open_space(options) as space:
        report = with_progress(
            options, "reading", lambda show: space.add(*named, progress=show, terms=limits)
        )
        report = with_stale(space, report)
    _finish(report, options)


@command(app, solution=True)
def sync(options: Options, dry_run: DryRun = False, budget: WritingBudget = None) -> None:
    """Bring the index in step with the sources: only what is new, changed, moved or removed.

    Example: surefoot sync --dry-run
    """
    limits = terms(options, budget)
    with open_space(options) as space:
        if dry_run:
            plan = space.plan()
            if options.json:
                print_json(plan)
            else:
                for line in plan.lines():
                    typer.echo(line)
                if left := sum(state.pending for state in space.status()):
                    typer.echo(f"{left} requests to a chat model left: surefoot views forecast")
            return
        report = with_progress(
            options, "reading", lambda show: space.sync(progress=show, terms=limits)
        )
        report = with_stale(space, report)
    _finish(report, options)


@command(app)
def status(
    options: Options,
    all_documents: Annotated[
        bool, typer.Option("--all", help="Every document, not only those with a problem.")
    ] = False,
    last: Annotated[
        bool, typer.Option("--last", help="What the last sync did, document by document.")
    ] = False,
) -> None:
    """Show what is in the index and what could not be read.

    Example: surefoot status --all
    """
    if last:
        _last_sync(options)
        return
    with open_space(options) as space:
        states = space.status()
    counts = Counter(state.status for state in states)
    if options.json:
        print_json({"counts": counts, "chunks": sum(s.chunks for s in states), "documents": states})
        return
    summary = ", ".join(f"{counts[kind]} {kind}" for kind in get_args(Status) if counts[kind])
    typer.echo(
        f"{len(states)} documents: {summary or 'none yet'}; {sum(s.chunks for s in states)} chunks"
    )
    shown = states if all_documents else [s for s in states if s.status != "ok"]
    if shown:
        print_table(
            ("status", "document", "chunks", "reason"),
            [(s.status, s.id, s.chunks, s.reason) for s in shown],
        )


def _last_sync(options: Options) -> None:
    from surefoot.run.last_sync import NAMED, last_sync

    with open_space(options) as space:
        found = last_sync(space)
    if options.json:
        print_json(found)
        return
    if found is None:
        typer.echo("nothing was synced yet")
        return
    lists = (
        ("added", found.added),
        ("changed", found.changed),
        ("moved", found.moved),
        ("removed", found.removed),
    )
    rows = [(sort, name, "") for sort, names in lists for name in names]
    print_table(
        ("what", "document", "reason"),
        [*rows, *(("problem", one.id, one.reason) for one in found.problems)],
    )
    for sort, count in found.counts.items():
        if count > NAMED:
            say(f"and {count - NAMED} more {sort}", quiet=options.quiet)


@command(app)
def disable(options: Options, documents: Documents) -> None:
    """Switch documents off: nothing finds them, in no solution, until surefoot enable; their files stay.

    Example: surefoot disable docs/old.md
    """
    _switch(options, documents, on=False)


@command(app)
def enable(options: Options, documents: Documents) -> None:
    """Switch documents on again that were switched off.

    Example: surefoot enable docs/old.md
    """
    _switch(options, documents, on=True)


def _switch(options: Options, documents: list[str], *, on: bool) -> None:
    from surefoot.run.switching import every_index, switch

    with open_space(options) as space, every_index(space) as spaces:
        changed = switch(spaces, documents, on=on)
    if options.json:
        print_json({"changed": changed, "documents": documents, "enabled": on})
    else:
        typer.echo(f"{changed} documents are {'on' if on else 'off'} now")


@command(app)
def remove(
    options: Options,
    documents: Documents,
    dry_run: DryRun = False,
) -> None:
    """Remove documents and all that came from them from the index.

    A later sync reads them again while their source offers them.

    Example: surefoot remove docs/old.md
    """
    with open_space(options) as space:
        known = {state.id for state in space.status()}
        if missing := [document for document in documents if document not in known]:
            raise MissingError(
                "there is no such document",
                where=missing[0],
                hint="surefoot status --all lists the ids",
            )
        removed = 0 if dry_run else space.remove(documents)
    if options.json:
        print_json({"removed": removed, "documents": documents})
    else:
        typer.echo(f"{'would remove' if dry_run else 'removed'} {len(documents)} documents")


def _web(place: str, *, site: bool, sitemap: bool) -> str | dict[str, Any]:
    """A place as it is, or the source that reads the whole site of a URL."""
    if not (site or sitemap):
        return place
    if site and sitemap:
        raise ConfigError("--site and --sitemap exclude each other", hint="give one of them")
    if not place.startswith(("http://", "https://")):
        flag = "--site" if site else "--sitemap"
        raise ConfigError(f"{flag} wants a URL", where=place, hint="begin it with https://")
    return {"kind": "site", "start": [place]} if site else {"kind": "sitemap", "url": place}


def with_progress(options: Options, title: str, work: Callable[[Any], Report]) -> Report:
    """Runs `work` with a progress bar."""
    gc.set_threshold(_COLLECT_EVERY)
    with progress(title, quiet=options.quiet or options.json) as show:
        return work(show)


def report_problems(report: Report, options: Options) -> None:
    """What could not be used and what should be known, on stderr."""
    for problem in report.problems:
        say(f"skipped {problem}", quiet=options.quiet)
    shown = len(report.notes) if options.verbose else _SHOWN_NOTES
    for note in report.notes[:shown]:
        say(f"note: {note}", quiet=options.quiet)
    if len(report.notes) > shown:
        say(
            f"and {len(report.notes) - shown} more notes; --verbose shows them", quiet=options.quiet
        )
    if report.writing is not None:
        tell_notes(report.writing, options, _SHOWN_NOTES)
    for note in report.maintenance if options.verbose else ():
        say(f"index: {note}", quiet=options.quiet)


def _finish(report: Report, options: Options) -> None:
    report_problems(report, options)
    if options.json:
        print_json(report)
    else:
        typer.echo(report.summary())
    if report.failed:
        raise typer.Exit(DataError.exit_code)
    leave_where_stopped(report.writing)
