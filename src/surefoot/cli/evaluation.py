"""Measuring: score the solution on an eval set."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Annotated

import typer

from surefoot.cli.app import app
from surefoot.cli.attacks import attacked
from surefoot.cli.command import Options, command
from surefoot.cli.course import Going, go, print_forecast
from surefoot.cli.judging import Judging, More, check, extend, show, watcher
from surefoot.cli.questions import EvalSetName, read_questions
from surefoot.cli.render import print_json, print_table, say
from surefoot.cli.scores import print_scores
from surefoot.cli.workspace import open_space
from surefoot.core.errors import CapReached, DataError


@command(app, solution=True)
def evaluate(
    options: Options,
    evalset: EvalSetName = "",
    sample: Annotated[
        int | None,
        typer.Option("--sample", min=1, help="Ask only so many questions, drawn at random."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the draw and of the intervals.")] = 0,
    *,
    going: Going,
    more: More,
) -> None:
    """Score the solution on questions with known answers, each score with its 95% interval.

    Example: surefoot evaluate support
    """
    from surefoot.evaluate.runs import About, keep_run

    check(more, evalset)
    if more.attacks:
        attacked(options, more, sample, seed)
        return
    questions = read_questions(options, evalset, sample, seed)
    judging = Judging({}, quiet=options.quiet or options.json)
    with open_space(options) as space:
        watch = watcher(judging.passages, more)
        gone = go(space, questions, going, options, seed=seed, watch=watch)
        if gone.evaluation is None:
            print_forecast(gone.ahead, options)
            return
        beside = extend(space, questions, gone.evaluation, more, judging)
        found = beside.evaluation
        about = About(
            command=_again(options, evalset, sample, seed, [*going.words(), *more.words()]),
            more=gone.to_record(going) | beside.to_record(more),
        )
        run = "" if going.no_record else keep_run(space, questions, found, about)
    if options.json:
        print_json(found.to_json() | {"run": run} | beside.to_json(more))
    else:
        print_scores(found, options)
        show(beside, more, options)
        if run:
            say(f"kept as run {run}: surefoot runs show {run}", quiet=options.quiet)
    if found.stopped:
        say(f"stopped: {found.stopped}; go on with --continue {run or 'RUN'}", quiet=options.quiet)
        raise typer.Exit(CapReached.exit_code)
    if found.failures:
        raise typer.Exit(DataError.exit_code)


@command(app, solution=True)
def calibrate(
    options: Options,
    questions: Annotated[
        int, typer.Option("--questions", min=20, help="How many to make from the documents.")
    ] = 200,
    answer_rate: Annotated[
        float,
        typer.Option(
            "--answer-rate", min=0.5, max=1.0, help="Share of answerable questions to let through."
        ),
    ] = 0.95,
    seed: Annotated[int, typer.Option("--seed", help="Of the questions and the intervals.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Measure; write nothing.")] = False,
) -> None:
    """Learn from your documents, without labels, when to say that they do not answer.

    Example: surefoot calibrate --answer-rate 0.97
    """
    from surefoot.run.calibration import calibrate_workspace, write_calibration

    with open_space(options) as space:
        say("making questions and searching each ...", quiet=options.quiet or options.json)
        found = calibrate_workspace(space, questions=questions, answer_rate=answer_rate, seed=seed)
        if not dry_run:
            write_calibration(space, found)
    if options.json:
        print_json({"calibration": found, "written": not dry_run})
        return
    rates = (
        ("answerable questions answered", found.answered),
        ("unanswerable questions refused", found.refused),
        ("AUC", found.auc),
    )
    print_table(
        ("measure", "value", "95% interval", "n"),
        [
            (name, f"{r.value:.3f}", f"{r.low:.3f} to {r.high:.3f}", found.found)
            for name, r in rates
        ],
    )
    for warning in found.warnings:
        say(f"note: {warning}", quiet=options.quiet)
    typer.echo(
        f"threshold {found.settings.threshold}"
        + ("" if dry_run else ", written to the solution file")
    )


def _again(
    options: Options, evalset: str, sample: int | None, seed: int, more: Sequence[str]
) -> str:
    """The command that repeats an evaluation."""
    words = ["surefoot", "evaluate", evalset]
    words += [] if sample is None else ["--sample", str(sample)]
    words += ["--seed", str(seed)] if seed else []
    words += ["--solution", options.solution] if options.solution else []
    for pair in options.overrides:
        words += ["--set", pair]
    words += more
    return shlex.join(words)
