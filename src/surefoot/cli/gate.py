"""The regression gate for builds: is the solution as good as it was?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.questions import EvalSetName, read_questions
from surefoot.cli.render import print_json, progress, safe, say
from surefoot.cli.workspace import open_space

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surefoot.evaluate.gate import Gate
    from surefoot.evaluate.scoring import Row
    from surefoot.run.workspace import Workspace

_SHOWN_LOST = 10


@command(app, solution=True)
def gate(
    options: Options,
    evalset: EvalSetName,
    baseline: Annotated[
        str,
        typer.Option(
            "--baseline", metavar="RUN", help="A run id, last, or a file of evaluate --json."
        ),
    ],
    margin: Annotated[
        float, typer.Option("--margin", min=0.0, help="A loss this small is put up with.")
    ] = 0.02,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail also where it cannot tell.")
    ] = False,
    metric: Annotated[
        str | None,
        typer.Option("--metric", help="What is compared; that of the task if not given."),
    ] = None,
) -> None:
    """Pass where the solution is proven not to be worse than a baseline run; leave with 4 where it is worse.

    Exit code 0 if it passed or cannot tell (it says how many questions that would take), 4 if worse.

    Example: surefoot gate support --baseline baseline.json --margin 0.02
    """
    from surefoot.evaluate.gate import EXIT_WORSE
    from surefoot.evaluate.gate import gate as judge
    from surefoot.evaluate.runner import evaluate_workspace

    questions = read_questions(options, evalset)
    quiet = options.quiet or options.json
    with open_space(options) as space, progress("asking", quiet=quiet) as show:
        before = _rows(space, baseline)
        now = evaluate_workspace(space, questions, progress=show)
    found = judge(before, now.rows, metric or now.headline, margin=margin, strict=strict)
    if options.json:
        print_json(found)
    else:
        _print(found, options)
    if found.fails:
        raise typer.Exit(EXIT_WORSE)


def _rows(space: Workspace, baseline: str) -> Sequence[Row]:
    from surefoot.evaluate.gate import read_rows
    from surefoot.evaluate.runs import load_run

    path = Path(baseline)
    return read_rows(path) if path.is_file() else load_run(space, baseline).rows


def _print(found: Gate, options: Options) -> None:
    from surefoot.evaluate.gate import gate_text

    typer.echo(safe(gate_text(found)))
    for note in found.notes:
        say(f"note: {note}", quiet=options.quiet)
    if found.few:
        say("note: too few questions to rely on the interval", quiet=options.quiet)
    if found.fails and found.lost:
        more = f" and {len(found.lost) - _SHOWN_LOST} more" if len(found.lost) > _SHOWN_LOST else ""
        say(f"lost: {', '.join(found.lost[:_SHOWN_LOST])}{more}", quiet=options.quiet)
