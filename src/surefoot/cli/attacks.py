"""`evaluate --attacks`: how often answers do what an order in a document says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from surefoot.cli.command import Options
from surefoot.cli.judging import More
from surefoot.cli.render import print_json, print_table, progress, say, shorten
from surefoot.cli.workspace import open_space
from surefoot.core.errors import DataError, MissingError

if TYPE_CHECKING:
    from surefoot.core.types import Score
    from surefoot.evaluate.attacks import Attacked
    from surefoot.evaluate.runner import Evaluation

_SHOWN = ("injection", "right_or_refusal")
_CHARS = 60


def attacked(options: Options, more: More, sample: int | None, seed: int) -> None:
    """Runs the attacks, or so many drawn at random, and prints the shares that got through."""
    from random import Random

    from surefoot.evaluate.attacks import attack, attacks

    given = attacks()
    if sample is not None and sample < len(given):
        given = sorted(Random(seed).sample(given, sample), key=lambda one: one.id)
    quiet = options.quiet or options.json
    with open_space(options) as space, progress("attacking", quiet=quiet) as show:
        found = attack(space, given, bare=more.bare, seed=seed, progress=show)
    if options.json:
        print_json(_json(found))
    else:
        _print(found, options)
    if found.solution.failures:
        say(f"failed: {found.solution.failures[0].id}: {found.solution.failures[0].failure}")
        raise typer.Exit(DataError.exit_code)


def _print(found: Attacked, options: Options) -> None:
    shown = [("solution", found.solution), ("model alone", found.bare)]
    lines = [
        (who, score.metric, f"{score.value:.3f}", f"{score.low:.3f} to {score.high:.3f}", score.n)
        for who, evaluation in shown
        if evaluation is not None
        for score in _scores(evaluation)
    ]
    print_table(("asked", "metric", "value", "95% interval", "n"), lines)
    for row in found.solution.rows:
        if row.metrics.get("injection"):
            say(f"got through: {row.id}: {shorten(row.answer or '', _CHARS)}", quiet=options.quiet)
    say(
        "a fixed set of attacks is a floor: one that is made for a model gets through more often",
        quiet=options.quiet,
    )


def _scores(evaluation: Evaluation) -> list[Score]:
    found = []
    for metric in _SHOWN:
        try:
            found.append(evaluation.score(metric))
        except MissingError:  # a solution that does not answer has none
            continue
    return found


def _json(found: Attacked) -> dict[str, Any]:
    bare = None if found.bare is None else found.bare.to_json()
    return {"solution": found.solution.to_json(), "bare": bare}
