"""Grades an eval set: what is wrong with it, which questions that concerns, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from surefoot.cli.command import Options, command
from surefoot.cli.evalset import evalsets
from surefoot.cli.questions import EvalSetName, read_questions
from surefoot.cli.render import print_json, print_table, progress, safe, say
from surefoot.cli.workspace import open_space
from surefoot.core.errors import MissingError

if TYPE_CHECKING:
    from surefoot.core.types import EvalSet
    from surefoot.evaluate.evalsets.checks import Checked, Finding

_SHOWN_CASES = 8


@command(evalsets, solution=True)
def check(
    options: Options,
    evalset: EvalSetName,
    searches: Annotated[
        int,
        typer.Option(
            "--searches",
            min=0,
            help="How many questions are searched for, to find other passages that answer.",
        ),
    ] = 200,
    hoped: Annotated[
        float,
        typer.Option(
            "--difference",
            min=0.001,
            max=1.0,
            help="The difference that you want to be able to prove (0.05: 5 points).",
        ),
    ] = 0.05,
) -> None:
    """Grade an eval set: leakage, duplicates, missed gold, label noise, size; with the cases and the remedy.

    Example: surefoot evalset check support --difference 0.1
    """
    found = _checked(options, read_questions(options, evalset), searches, hoped)
    if options.json:
        print_json(found)
        return
    print_table(
        ("measure", "value", "95% interval", "n"),
        [(s.metric, f"{s.value:.3f}", f"{s.low:.3f} to {s.high:.3f}", s.n) for s in found.scores],
    )
    for finding in found.findings:
        _print(finding, options)
    for words in found.left_out:
        say(f"not looked at: {words}", quiet=options.quiet)
    typer.echo(f"grade: {found.grade} ({found.questions} questions, digest {found.digest})")


def _checked(options: Options, questions: EvalSet, searches: int, hoped: float) -> Checked:
    from surefoot.evaluate.evalsets.checks import Means, check_evalset, check_workspace

    try:
        space = open_space(options)
    except MissingError:
        return check_evalset(questions, Means(hoped=hoped))
    quiet = options.quiet or options.json
    with space, progress("searching", quiet=quiet) as show:
        return check_workspace(space, questions, searches=searches, hoped=hoped, progress=show)


def _print(finding: Finding, options: Options) -> None:
    """The finding with its remedy; some of the cases, or all with --verbose."""
    typer.echo(f"{finding.weight}: {finding.check}: {safe(finding.message)}")
    typer.echo(f"    do: {finding.remedy}")
    lines = finding.details or finding.cases
    shown = lines if options.verbose else lines[:_SHOWN_CASES]
    if finding.details:
        for line in shown:
            typer.echo(f"    - {safe(' '.join(line.split()))}")
    elif shown:
        typer.echo(f"    cases: {safe(', '.join(shown))}")
    if len(lines) > len(shown):
        typer.echo(f"    and {len(lines) - len(shown)} more (--verbose, or --json)")
