"""The options on how an evaluation goes: forecast, budget, going on from a kept run, keeping it or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.render import print_json, progress, say
from surefoot.core.errors import ConfigError

if TYPE_CHECKING:
    from surefoot.cli.command import Options
    from surefoot.core.types import EvalSet
    from surefoot.evaluate.course import Course
    from surefoot.evaluate.forecast import Audit, Forecast
    from surefoot.evaluate.runner import Evaluation, Watch
    from surefoot.ingest.sync import Report
    from surefoot.run.workspace import Workspace

_WORTH_TELLING_S = 10.0


@dataclass(frozen=True, slots=True)
class Going:
    """How an evaluation goes through its questions, and what is kept of it."""

    no_record: Annotated[
        bool, typer.Option("--no-record", help="Keep nothing of this run in the ledger.")
    ] = False
    only_forecast: Annotated[
        bool,
        typer.Option("--forecast", help="Ask a few questions, say what all will take, and stop."),
    ] = False
    budget: Annotated[
        str | None,
        typer.Option(
            "--budget",
            metavar="LIMITS",
            help="Stop at 15m, 500calls or 3usd, or at the first of several: 15m,3usd.",
        ),
    ] = None
    go_on: Annotated[
        str | None,
        typer.Option(
            "--continue",
            metavar="RUN",
            help="Ask only what a kept run lacks or changed documents touch.",
        ),
    ] = None

    def words(self) -> list[str]:
        """The options that change what is asked, as they are typed."""
        return ["--budget", self.budget] if self.budget else []


@dataclass(slots=True)
class Gone:
    """What came of an evaluation's course; `evaluation` is None where only a forecast was asked for."""

    ahead: Forecast
    evaluation: Evaluation | None = None
    audit: Audit | None = None
    reused: int = 0
    notes: list[str] = field(default_factory=list)

    def to_record(self, going: Going) -> dict[str, Any]:
        """What is kept with the run."""
        found: dict[str, Any] = {"forecast": self.ahead.to_json()}
        if self.audit is not None:
            found["audit"] = asdict(self.audit)
        if going.go_on:
            found |= {"continues": going.go_on, "reused": self.reused}
        if self.evaluation is not None and self.evaluation.stopped:
            found["stopped"] = self.evaluation.stopped
        return found


def go(
    space: Workspace,
    evalset: EvalSet,
    going: Going,
    options: Options,
    *,
    seed: int,
    watch: Watch | None,
) -> Gone:
    """Forecasts, says so where it takes long or costs money, asks the rest, and says how near the forecast was."""
    from surefoot.evaluate.forecast import audit, forecast
    from surefoot.evaluate.runner import evaluate_workspace

    quiet = options.quiet or options.json
    with progress("asking", quiet=quiet) as tell:
        course = replace(_course(space, evalset, going, seed, watch), progress=tell)
        reused = len(course.known)
        if reused and not quiet:
            say(f"{reused} of {len(evalset.cases)} questions are taken over from {going.go_on}")
        ahead = forecast(space, evalset, course=course, seed=seed, watch=watch)
        if going.only_forecast:
            return Gone(ahead, reused=reused)
        worth = ahead.wall_s.value > _WORTH_TELLING_S or ahead.dollars.high > 0
        if worth:
            say(ahead.summary(), quiet=quiet)
        known = {**course.known, **{row.id: row for row in ahead.rows}}
        found = evaluate_workspace(
            space, evalset, seed=seed, course=replace(course, known=known), watch=watch
        )
    after = audit(ahead, found)
    if worth and after is not None:
        say(after.summary(), quiet=quiet)
    return Gone(ahead, found, after, reused)


def print_forecast(ahead: Forecast, options: Options) -> None:
    """What a run will take, for people or programs."""
    if options.json:
        print_json({"forecast": ahead.to_json()})
    else:
        typer.echo(ahead.summary())


def _course(
    space: Workspace, evalset: EvalSet, going: Going, seed: int, watch: Watch | None
) -> Course:
    from surefoot.core.budget import BudgetMeter, parse_budget
    from surefoot.evaluate.course import Course
    from surefoot.evaluate.stale import still_good

    budget = BudgetMeter(parse_budget(going.budget)) if going.budget else None
    if going.go_on is None:
        return Course(budget=budget, seed=seed)
    if watch is not None:
        raise ConfigError("a judge needs every question asked", hint="leave --continue out")
    known = still_good(space, going.go_on, solution=space.resources.digest, evalset=evalset.digest)
    return Course(budget=budget, known=known, seed=seed)


def stale_lines(space: Workspace) -> Sequence[str]:
    """One line for each newest run that changed documents have touched, with the command that mends it."""
    from surefoot.evaluate.stale import stale_runs

    return [
        f"run {run.id} ({run.solution} on {run.evalset}) is {state.summary()}"
        + (f": {command} --continue {run.id}" if (command := run.details.get("command")) else "")
        for run, state in stale_runs(space)
    ]


def with_stale(space: Workspace, report: Report) -> Report:
    """The report of a sync that changed something, with a note on each run that this touches before its other notes."""
    if not (report.added or report.changed or report.moved or report.removed):
        return report
    return replace(report, notes=(*stale_lines(space), *report.notes))
