"""Reports: one file for people, of a run, a search or a comparison of methods."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import say
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError, MissingError

if TYPE_CHECKING:
    from surefoot.core.trace import SpanRecord
    from surefoot.core.types import EvalCase
    from surefoot.evaluate.runs import KeptRun
    from surefoot.optimize.experiment import Experiment
    from surefoot.optimize.report.page import Page, ReportLang
    from surefoot.run.workspace import Workspace

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
    with open_space(options) as space:
        if compared:
            page = comparison_page_of(space, compared, lang)
        elif searched:
            page = _experiment_page(space, searched, lang)
        else:
            page = _run_page(space, run, against, lang)
    if options.json:
        typer.echo(json.dumps(page.to_json(), ensure_ascii=False))
        return
    place.write_text(_written(page, _FORMS[place.suffix]), encoding="utf-8")
    typer.echo(page.verdict)
    say(f"written to {place}", quiet=options.quiet)


def experiment_page_of(space: Workspace, found: Experiment, lang: str | None) -> Page:
    """The report of a search, in the language of most questions where none is wanted."""
    from surefoot.optimize.report import Told, experiment_page

    told = Told(
        title=found.asked.evalset,
        searched=found.searched,
        evalset=found.evalset,
        rows=found.rows,
        solution_file=Path(found.solution_file).read_text(encoding="utf-8"),
        commands=(found.asked.command,) if found.asked.command else (),
        trace=lambda trace_id: _spans(space, trace_id),
    )
    return experiment_page(told, _lang(lang, [case.lang for case in found.evalset.cases]))


def comparison_page_of(space: Workspace, name: str, lang: str | None) -> Page:
    """The report of a comparison by its id or `last`, in the language of most questions where none is wanted."""
    from surefoot.optimize.compare.files import CompareFiles
    from surefoot.optimize.report import ComparisonTold, comparison_page

    files = CompareFiles.find(space.root / ".surefoot", name)
    cases = {case.id: case for case in files.evalset.cases}
    told = ComparisonTold(files.result, cases, lambda trace_id: _spans(space, trace_id))
    return comparison_page(told, _lang(lang, [case.lang for case in cases.values()]))


def _experiment_page(space: Workspace, name: str, lang: str | None) -> Page:
    from surefoot.optimize.experiment import load_experiment

    return experiment_page_of(space, load_experiment(space, name), lang)


def _run_page(space: Workspace, run: str, against: str | None, lang: str | None) -> Page:
    from surefoot.evaluate.runs import load_run
    from surefoot.optimize.report import RunTold, run_page

    kept = load_run(space, run)
    base = load_run(space, against) if against else None
    told = RunTold(kept, base, _cases(space, kept), lambda trace_id: _spans(space, trace_id))
    return run_page(told, _lang(lang, [row.lang for row in kept.rows]))


def _lang(wanted: str | None, asked: Sequence[str]) -> ReportLang:
    if wanted is None:
        return "zh" if asked.count("zh") * 2 > len(asked) else "en"
    if wanted == "en":
        return "en"
    if wanted == "zh":
        return "zh"
    raise ConfigError(f"no report in {wanted!r}", where="--lang", hint="en or zh")


def _cases(space: Workspace, kept: KeptRun) -> Mapping[str, EvalCase]:
    """The questions with their gold, where the eval set is still there as it was."""
    from surefoot.evaluate.evalsets import find_evalset, load_evalset

    try:
        evalset = load_evalset(find_evalset(kept.run.evalset, space.root))
    except (MissingError, ConfigError):
        return {}
    if evalset.digest != kept.run.evalset_digest:
        return {}
    return {case.id: case for case in evalset.cases}


def _spans(space: Workspace, trace_id: str) -> Sequence[SpanRecord]:
    """The spans of a trace, none where it is no longer kept."""
    try:
        return space.ledger.trace(trace_id)
    except MissingError:
        return ()


def _written(page: Page, form: str) -> str:
    from surefoot.optimize.report import report_html, report_markdown

    if form == "json":
        return json.dumps(page.to_json(), ensure_ascii=False, indent=1)
    return report_html(page) if form == "html" else report_markdown(page)
