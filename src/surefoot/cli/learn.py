"""Learning settings from questions with known answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.questions import EvalSetName, read_questions
from surefoot.cli.render import print_json, print_table, progress, say
from surefoot.cli.workspace import open_space

if TYPE_CHECKING:
    from surefoot.core.types import Score
    from surefoot.evaluate.learn.fusion import FusionFound

learn = typer.Typer(help="Learn settings from an eval set.", no_args_is_help=True)
app.add_typer(learn, name="learn")


@command(learn, solution=True)
def fusion(
    options: Options,
    evalset: EvalSetName,
    seed: Annotated[int, typer.Option("--seed", help="Of the folds and the intervals.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Measure; write nothing.")] = False,
) -> None:
    """Learn how keyword and vector search are fused; written only where the gain is proven on held-out questions.

    Example: surefoot learn fusion support
    """
    from surefoot.evaluate.learn.fusion import learn_fusion_from, write_fusion

    questions = read_questions(options, evalset)
    quiet = options.quiet or options.json
    with open_space(options) as space, progress("searching", quiet=quiet) as show:
        found = learn_fusion_from(space, questions, seed=seed, progress=show)
        if found.proven and not dry_run:
            write_fusion(space, found)
            found = replace(found, written=True)
    if options.json:
        print_json(found)
    else:
        _print(found, options)


@command(learn, solution=True)
def rerank(
    options: Options,
    evalset: EvalSetName,
    seed: Annotated[int, typer.Option("--seed", help="Of the folds and the intervals.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Measure; write nothing.")] = False,
) -> None:
    """Learn how the rerank stage orders hits, and how likely each is to be relevant, so that a threshold means it.

    The order is written only where its gain is proven on held-out questions; the calibration is written in any case.

    Example: surefoot learn rerank support
    """
    from surefoot.evaluate.learn.reranking import learn_rerank_from, write_rerank

    questions = read_questions(options, evalset)
    quiet = options.quiet or options.json
    with open_space(options) as space, progress("reranking", quiet=quiet) as show:
        found = learn_rerank_from(space, questions, seed=seed, progress=show)
        if not dry_run:
            write_rerank(space, found)
    if options.json:
        print_json({"rerank": found, "written": not dry_run})
        return
    _print_change(found.present, found.learnt, found.difference)
    order = "written" if found.proven and not dry_run else "not written"
    if not found.proven:
        order = "no gain is proven, so it stays"
    typer.echo(f"order: {_told(found.order)} ({order})")
    typer.echo(
        f"calibration: off by {found.calibration_error:.3f} on average over {found.judged} held-out hits"
        f" ({'not written' if dry_run else 'written'})"
    )


def _print(found: FusionFound, options: Options) -> None:
    _print_change(found.present, found.learnt, found.difference)
    for number, chosen in enumerate(found.folds, start=1):
        say(f"fold {number}: {_told(chosen)}", quiet=options.quiet)
    typer.echo(_verdict(found))


def _print_change(present: Score, learnt: Score, difference: Score) -> None:
    rows = (
        ("the present settings", present),
        ("learnt, on held-out questions", learnt),
        ("difference", difference),
    )
    columns = (present.metric, "value", "95% interval", "n")
    print_table(columns, [(name, *_score(score)) for name, score in rows])


def _verdict(found: FusionFound) -> str:
    if not found.changes:
        return "the present settings are the best of those tried; nothing to write"
    if not found.proven:
        return f"no gain is proven: nothing was written (best on all questions: {_told(found.changes)})"
    done = "written to the solution file" if found.written else "not written"
    return f"{_told(found.changes)}: {done}"


def _score(score: Score) -> tuple[Any, ...]:
    return f"{score.value:.3f}", f"{score.low:.3f} to {score.high:.3f}", score.n


def _told(changes: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in changes.items()) or "as they are"
