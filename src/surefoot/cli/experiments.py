"""Searches and comparisons that are kept: what there is, and what may go."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.compare import comparisons
from surefoot.cli.render import moment, print_json, print_table, say
from surefoot.cli.workspace import open_space

if TYPE_CHECKING:
    from surefoot.optimize.kept_experiments import ExperimentKind

experiments = typer.Typer(help="Show and delete searches.", no_args_is_help=True)
app.add_typer(experiments, name="experiments")

Name = Annotated[str, typer.Argument(metavar="ID", help="Its beginning, or last.")]


@command(experiments, "list")
def list_experiments(options: Options) -> None:
    """List the searches of this workspace, the latest first, with the command that goes on with each.

    Example: surefoot experiments list
    """
    from surefoot.optimize.kept_experiments import kept_experiments

    with open_space(options) as space:
        found = [one for one in kept_experiments(space) if one.kind == "search"]
    if options.json:
        print_json([asdict(one) | {"resume": one.resume} for one in found])
        return
    print_table(
        ("search", "when", "eval set", "metric", "MB", "state"),
        [
            (
                one.id,
                moment(one.at_ns),
                one.evalset,
                one.metric,
                f"{one.size / 1e6:.1f}",
                "ended" if one.ended else f"not ended: {one.resume}",
            )
            for one in found
        ],
    )


@command(experiments, "delete")
def delete_search(options: Options, name: Name) -> None:
    """Delete a search with its report and winner; a solution that was put into force stays.

    Example: surefoot experiments delete 3f2a91
    """
    _delete(options, "search", name)


@command(comparisons, "delete")
def delete_comparison(options: Options, name: Name) -> None:
    """Delete a comparison with the weights that its arms were given.

    Example: surefoot comparisons delete 3f2a91
    """
    _delete(options, "comparison", name)


def _delete(options: Options, kind: ExperimentKind, name: str) -> None:
    from surefoot.optimize.kept_experiments import delete_experiment

    with open_space(options) as space:
        gone = delete_experiment(space, kind, name)
    if options.json:
        print_json({"deleted": gone})
        return
    say(f"deleted {kind} {gone}", quiet=options.quiet)
