"""Eval sets: looked at and split. Other files of `evalset_*` hang their commands on the same group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.questions import EvalSetName, evalset_path, read_questions
from surefoot.cli.render import print_json, print_table, safe, say, shorten

if TYPE_CHECKING:
    from surefoot.core.types import EvalCase

evalsets = typer.Typer(
    help="Make, bring in, check, review and split questions with known answers.",
    no_args_is_help=True,
)
app.add_typer(evalsets, name="evalset")

_SHOWN_CHARS = 90


@command(evalsets)
def show(
    options: Options,
    evalset: EvalSetName,
    cases: Annotated[
        int, typer.Option("--cases", "-n", min=0, help="How many questions to show.")
    ] = 5,
) -> None:
    """Show what is in an eval set: how many questions of which kind, its version and digest, and some of them.

    Example: surefoot evalset show support -n 10
    """
    from surefoot.evaluate.evalsets import contents

    found = read_questions(options, evalset)
    counted = contents(found)
    shown = _spread(found.cases, cases)
    if options.json:
        from surefoot.evaluate.evalsets import case_to_row

        print_json({"contents": counted, "cases": [case_to_row(case) for case in shown]})
        return
    print_table(
        ("stratum", "value", "questions"),
        [
            (kind, value, n)
            for kind, values in counted.counts.items()
            for value, n in values.items()
        ],
    )
    if shown:
        print_table(("id", "question", "answer", "gold"), map(_row, shown))
    made_from = f", made from {counted.parent}" if counted.parent else ""
    say(
        f"{counted.name}: task {counted.task}, version {counted.version}, digest {counted.digest}{made_from};"
        f" {counted.questions} questions in {counted.clusters} clusters over {counted.documents} documents,"
        f" {counted.located} of {counted.spans} gold spans located",
        quiet=options.quiet,
    )


@command(evalsets)
def split(
    options: Options,
    evalset: EvalSetName,
    holdout: Annotated[
        float,
        typer.Option("--holdout", help="Share of the questions that the verdict is kept for."),
    ] = 0.5,
    seed: Annotated[int, typer.Option("--seed", help="Of the draw.")] = 0,
    again: Annotated[
        bool, typer.Option("--again", help="Split anew what is split already; the holdout changes.")
    ] = False,
) -> None:
    """Divide the questions into dev and holdout by cluster: what shares a document stays together.

    Questions that have a split keep it, so a set can grow; the same seed gives the same split.

    Example: surefoot evalset split support --holdout 0.4
    """
    from surefoot.evaluate.evalsets import contents, split_notes, unsplit, write_evalset
    from surefoot.evaluate.evalsets import split as divide

    path = evalset_path(options, evalset)
    found = read_questions(options, str(path))
    parted = divide(unsplit(found) if again else found, holdout, seed)
    if path.is_dir():
        path = path.with_name(f"{path.name}.jsonl")
    write_evalset(parted, path)
    notes = split_notes(parted, holdout)
    sizes = contents(parted).counts["split"]
    if options.json:
        print_json({"path": str(path), "digest": parted.digest, "split": sizes, "notes": notes})
        return
    print_table(("split", "questions"), sizes.items())
    for note in notes:
        say(f"note: {note}")
    say(f"written to {path}", quiet=options.quiet)


def _spread(cases: tuple[EvalCase, ...], n: int) -> list[EvalCase]:
    """Cases from all over the set, in order."""
    n = min(n, len(cases))
    return [cases[place * len(cases) // n] for place in range(n)] if n else []


def _row(case: EvalCase) -> tuple[Any, ...]:
    answer = (
        case.answers[0] if case.answers else "" if case.answerable else "(not in the documents)"
    )
    gold = case.gold[0] if case.gold else None
    place = f"{gold.document_id}: {_short(gold.quote)}" if gold else next(iter(case.relevant), "")
    return case.id, _short(case.question), _short(answer), place


def _short(text: str) -> str:
    return shorten(" ".join(safe(text).split()), _SHOWN_CHARS)
