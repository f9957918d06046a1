"""Reports: one file for people, of a run, a search or a comparison of methods."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import say
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError

if TYPE_CHECKING:
    from surefoot.optimize.report.page import Page

_FORMS = {".html": "html", ".md": "md", ".json": "json"}


@dataclass(frozen=True, slots=True)
class Reported:
    """What is reported in place of a run."""

    experiment: Annotated[
        str | None,
        typer.Option("--experiment", "-e", help="Report a search instead: its id, or last."),
    ] = None
    compare: Annotated[
        str | None,
        typer.Option("--compare", help="Report a comparison of methods instead: its id, or last."),
    ] = None


@command(app)
def report(
    options: Options,
    run: Annotated[str, typer.Argument(help="A run id, its beginning, or last.")] = "last",
    against: Annotated[
        str | None,
        typer.Option("--against", help="An earlier run of the same questions to hold it against."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The file to write: .html, .md or .json."),
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option("--lang", help="en or zh; without it, the language of most questions."),
    ] = None,
    reported: Reported = Reported(),
) -> None:
    """Write a run, a search or a comparison into one file for people: verdict, intervals, failures, how to repeat it.

    Example: surefoot report last --against 3f2a91 --out report.html
    """
    compared, searched = reported.compare, reported.experiment
    place = out or Path(f"report-{compared or searched or run}.html")
    if place.suffix not in _FORMS:
        raise ConfigError(f"cannot write {place.name}", where="--out", hint=".html, .md or .json")
    from surefoot.optimize.report.kept import kept_comparison, kept_run, kept_search

    with open_space(options) as space:
        if compared:
            page = kept_comparison(space, compared, lang)
        elif searched:
            page = kept_search(space, searched, lang)
        else:
            page = kept_run(space, run, against, lang)
    if options.json:
        typer.echo(json.dumps(page.to_json(), ensure_ascii=False))
        return
    place.write_text(_written(page, _FORMS[place.suffix]), encoding="utf-8")
    typer.echo(page.verdict)
    say(f"written to {place}", quiet=options.quiet)


def _written(page: Page, form: str) -> str:
    from surefoot.optimize.report import report_html, report_markdown

    if form == "json":
        return json.dumps(page.to_json(), ensure_ascii=False, indent=1)
    return report_html(page) if form == "html" else report_markdown(page)
