"""`surefoot tune examples`: sets of examples to be tried in a prompt."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, print_table, say
from surefoot.cli.tune import tune
from surefoot.cli.workspace import open_space


@command(tune, solution=True)
def examples(
    options: Options,
    rows: Annotated[
        Path, typer.Argument(help="Right answers: tuning rows, an eval set, questions and answers.")
    ],
    count: Annotated[int, typer.Option("--count", min=1, help="Rows in a set.")] = 5,
    sets: Annotated[int, typer.Option("--sets", min=0, help="Sets drawn at random.")] = 4,
    seed: Annotated[int, typer.Option("--seed", help="Of the sets drawn.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The space file; examples.toml in the workspace."),
    ] = None,
) -> None:
    """Propose sets of examples for the prompt, and a space in which optimize tries them.

    Example: surefoot tune examples rows.jsonl --count 5 --sets 4
    """
    from surefoot.config.space import space_text
    from surefoot.optimize.spaces.examples import propose_examples

    with open_space(options) as space:
        found = propose_examples(space, rows, count=count, sets=sets, seed=seed)
        file = out or space.root / "examples.toml"
        file.write_text(space_text(found.space), encoding="utf-8")
    if options.json:
        print_json({"files": list(found.files), "space": str(file), "rows": found.rows})
        return
    labels = [list(labels) for name, labels, _ in found.space.named() if name == "examples"]
    print_table(["tried"], [[label] for label in labels[0]])
    say(f"{found.rows} rows; next: surefoot optimize EVALSET --space {file}", quiet=options.quiet)
