"""Searching for the best solution, and putting it into force."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.questions import read_questions
from surefoot.cli.render import ShowProgress, print_json, print_table, progress, say
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError

if TYPE_CHECKING:
    from surefoot.core.types import EvalSet, Score
    from surefoot.optimize.experiment import Experiment, OptimizeSettings
    from surefoot.optimize.forecast import Forecast
    from surefoot.optimize.report.page import Page
    from surefoot.optimize.result import Objective
    from surefoot.optimize.watching import Moment
    from surefoot.run.workspace import Workspace

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How a search goes about it."""

    space: Annotated[
        Path | None,
        typer.Option("--space", help="A space file; without it your documents say what is tried."),
    ] = None
    budget: Annotated[
        str, typer.Option("--budget", help="15m, 40trials, 500calls, 3usd, or several: 15m,3usd.")
    ] = "15m"
    objective: Annotated[
        str, typer.Option("--objective", metavar="NAME,...", help="quality, cost, latency.")
    ] = "quality"
    metric: Annotated[
        str, typer.Option("--metric", help="What quality is; without it the eval set says.")
    ] = ""
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="Processes that ask questions.")
    ] = 1
    seed: Annotated[int, typer.Option("--seed", help="Of all that is drawn at random.")] = 0
    holdout: Annotated[
        float,
        typer.Option(
            "--holdout",
            min=0.1,
            max=0.9,
            help="Share of questions kept for the verdict, where the set has no split.",
        ),
    ] = 0.5
    forecast: Annotated[
        bool,
        typer.Option("--forecast", help="Ask the first questions, say what it takes, and stop."),
    ] = False


@command(app, solution=True)
def optimize(
    options: Options,
    evalset: Annotated[
        str,
        typer.Argument(
            help="A name in evalsets/, a JSONL file, or a folder in BEIR layout.", metavar="EVALSET"
        ),
    ] = "",
    go_on: Annotated[
        str,
        typer.Option(
            "--continue",
            metavar="ID",
            help="Go on with an experiment (or last); asks again what changed documents touch.",
        ),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the space; ask and search nothing.")
    ] = False,
    apply: Annotated[
        bool,
        typer.Option(
            "--apply", help="Put the winner into force if proven better; with --yes in any case."
        ),
    ] = False,
    searching: SearchOptions = SearchOptions(),
) -> None:
    """Find the best solution for your questions, proven on questions that it was not chosen by.

    Example: surefoot optimize support --budget 15m
    """
    from surefoot.optimize.experiment import optimize as run
    from surefoot.optimize.report.kept import search_page

    with open_space(options) as space:
        questions, settings = _asked(options, space, (evalset, go_on), searching)
        if dry_run or searching.forecast:
            ahead = _print_plan if dry_run else _print_forecast
            ahead(space, questions, settings, options)
            return
        with progress("optimizing", quiet=options.quiet or options.json) as show:
            found = run(space, questions, settings, _shown(show, options))
        page = search_page(space, found, None)
        _write_report(found, page)
        if options.json:
            print_json(_plain(found))
        else:
            _print_found(found, page, options)
        if apply:
            _apply(space, found, options)


def _asked(
    options: Options, space: Workspace, named: tuple[str, str], searching: SearchOptions
) -> tuple[EvalSet, OptimizeSettings]:
    """The questions and settings, of the command line or of an experiment to go on with.

    Raises:
        ConfigError: neither or both are named.
    """
    from surefoot.config.space import read_space
    from surefoot.core.budget import parse_budget
    from surefoot.optimize.experiment import OptimizeSettings, continued

    evalset, go_on = named
    if bool(evalset) == bool(go_on):
        raise ConfigError(
            "name an eval set, or an experiment to go on with",
            where="surefoot optimize",
            hint="surefoot optimize EVALSET, or surefoot optimize --continue last",
        )
    settings = OptimizeSettings(
        space=read_space(searching.space) if searching.space else None,
        budget=parse_budget(searching.budget),
        objectives=_objectives(searching.objective),
        metric=searching.metric,
        workers=searching.workers,
        seed=searching.seed,
        holdout=searching.holdout,
        command=shlex.join(["surefoot", *sys.argv[1:]]),
    )
    if go_on:
        return continued(space, go_on, settings)
    return read_questions(options, evalset), settings


def _objectives(text: str) -> tuple[Objective, ...]:
    named = [part.strip() for part in text.split(",") if part.strip()]
    known: tuple[Objective, ...] = ("quality", "cost", "latency")
    wrong = [name for name in named if name not in known]
    if wrong or "quality" not in named:
        raise ConfigError(
            f"{wrong[0]!r} is no objective" if wrong else "quality is always an objective",
            where="--objective",
            hint="quality, or quality,cost or quality,cost,latency",
        )
    return tuple(name for name in known if name in named)


def _shown(show: ShowProgress, options: Options) -> Callable[[Moment], None]:
    """Shows the forecast once, then how far the search is and what is best so far."""
    told: list[Forecast] = []

    def tell(moment: Moment) -> None:
        if moment.forecast is not None and not told:
            told.append(moment.forecast)
            say(_forecast_said(moment.forecast), quiet=options.quiet or options.json)
        if moment.building:
            show(moment.built, moment.to_build, moment.building)
            return
        best = f"best so far {_interval(moment.score)}" if moment.score else ""
        left = f"{moment.left.wall_s:.0f} s left" if moment.left.wall_s is not None else ""
        detail = ", ".join(part for part in (f"{moment.solutions} solutions", best, left) if part)
        show(moment.asks, moment.most, detail)

    return tell


def _forecast_said(found: Forecast) -> str:
    from surefoot.core.budget import seconds_said

    detectable = (
        f"differences from {found.detectable:.3f} on can be proven"
        if found.detectable is not None
        else "no questions are kept for a verdict"
    )
    money = f" and {found.dollars.value:.2f} US dollars" if found.dollars.high else ""
    time = seconds_said(round(found.seconds.value))
    return (
        f"{found.dev} questions to choose by, {found.holdout} for the verdict: {detectable}. "
        f"{found.combinations} combinations, at most {found.asks} questions asked in about {time}{money}; "
        "what solutions share makes it less, new indexes make it more"
    )


def _print_forecast(
    space: Workspace, evalset: EvalSet, settings: OptimizeSettings, options: Options
) -> None:
    from surefoot.optimize.experiment import foresee

    with progress("asking the first questions", quiet=options.quiet or options.json):
        found = foresee(space, evalset, settings)
    if options.json:
        print_json({"forecast": asdict(found)})
    else:
        typer.echo(_forecast_said(found))


def _print_plan(
    space: Workspace, evalset: EvalSet, settings: OptimizeSettings, options: Options
) -> None:
    from surefoot.config.space import space_text
    from surefoot.optimize.experiment import Planned

    plan = Planned(space, evalset, settings)
    if options.json:
        print_json({"space": plan.asked.space, "combinations": plan.solutions.size})
        return
    typer.echo(space_text(plan.solutions.settings), nl=False)
    dev = sum(case.split != "holdout" for case in plan.evalset.cases)
    say(
        f"{plan.solutions.size} combinations; {dev} questions to choose by {plan.metric}, "
        f"{len(plan.evalset.cases) - dev} for the verdict. Save the above as a file, edit it, "
        "and give it by --space",
        quiet=options.quiet,
    )


def _print_found(found: Experiment, page: Page, options: Options) -> None:
    """The solutions, the verdict and what to know with it, in the language of most questions."""
    searched = found.searched
    shown = page.solutions if options.verbose else page.solutions[:_SHOWN]
    print_table(
        ("solution", "", searched.metric, "95% interval", "n", "ms", "cpu ms"),
        [
            (
                one.label,
                "" if one.role == "other" else one.role,
                f"{one.quality.value:.3f}",
                f"{one.quality.low:.3f} to {one.quality.high:.3f}",
                one.quality.n,
                f"{one.latency_ms:.1f}",
                f"{one.cpu_ms:.1f}",
            )
            for one in shown
        ],
    )
    typer.echo(page.verdict)
    for remark in page.remarks:
        say(f"- {remark}", quiet=options.quiet)
    for note in found.ended.notes:
        say(f"- {note}", quiet=options.quiet)
    for reason, count in sorted(found.ended.dropped.items(), key=lambda item: -item[1]):
        say(f"- {count} combinations left out: {reason}", quiet=options.quiet)
    audit = found.ended.audit
    say(
        f"{len(searched.tried)} solutions, {audit.asks} questions asked and {audit.kept} known from before, "
        f"in {audit.seconds:.0f} s; experiment {found.id}, in {Path(found.solution_file).parent}",
        quiet=options.quiet,
    )


def _apply(space: Workspace, found: Experiment, options: Options) -> None:
    """Puts the winner into force.

    Raises:
        ConfigError: it is not proven better, and nobody said to take it all the same.
    """
    from surefoot.optimize.promoting import promote_winner

    again = "surefoot optimize --continue last --apply --yes takes the winner all the same"
    former = promote_winner(space, found, unproven=options.yes, hint=again)
    if former is None:
        say("the present solution is the winner: nothing to apply", quiet=options.quiet)
        return
    say(f"the winner answers now; the former solution is {former}", quiet=options.quiet)


def _write_report(found: Experiment, page: Page) -> None:
    from surefoot.optimize.report import report_html

    place = Path(found.solution_file).with_name("report.html")
    place.write_text(report_html(page), encoding="utf-8")


def _plain(found: Experiment) -> dict[str, Any]:
    return {
        "id": found.id,
        "proven": found.proven,
        "searched": found.searched,
        "forecast": found.ended.forecast,
        "audit": found.ended.audit,
        "dropped": found.ended.dropped,
        "notes": found.ended.notes,
        "winner": found.winner.plain,
        "solution_file": found.solution_file,
    }


def _interval(score: Score) -> str:
    return f"{score.value:.3f} ({score.low:.3f} to {score.high:.3f})"
