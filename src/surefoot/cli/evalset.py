"""Eval sets: made, brought in, looked at, checked, gone through by a person, split."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, print_table, say

if TYPE_CHECKING:
    from surefoot.core.types import EvalSet

evalsets = typer.Typer(
    help="Make, bring in, check, review and split questions with known answers.",
    no_args_is_help=True,
)
app.add_typer(evalsets, name="evalset")


@command(evalsets)
def show(
    options: Options,
    evalset: Annotated[Path, typer.Argument(help="A folder in BEIR layout, or a JSONL file.")],
) -> None:
    """Show what is in an eval set: how many questions of which kind, its version and its digest.

    Example: surefoot evalset show evalsets/support.jsonl
    """
    from surefoot.evaluate.evalsets import load_evalset

    found = load_evalset(evalset)
    counts = _counts(found)
    if options.json:
        print_json(
            {
                "name": found.name,
                "digest": found.digest,
                "version": found.version,
                "task": found.task,
                "questions": len(found.cases),
                "counts": counts,
            }
        )
        return
    print_table(
        ("stratum", "value", "questions"),
        [(name, value, n) for name, values in counts.items() for value, n in values.items()],
    )
    say(f"{found.name}: version {found.version}, digest {found.digest}", quiet=options.quiet)


def _counts(evalset: EvalSet) -> dict[str, dict[str, int]]:
    cases = evalset.cases
    return {
        "language": dict(Counter(case.lang for case in cases)),
        "answerable": dict(Counter("yes" if case.answerable else "no" for case in cases)),
    }
