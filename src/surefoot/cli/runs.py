"""Runs: what was measured, what it took, and how two of them differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import moment, print_json, print_table, safe, say
from surefoot.cli.workspace import open_space

if TYPE_CHECKING:
    from surefoot.evaluate.comparing import Difference
    from surefoot.evaluate.runs import KeptRun
    from surefoot.store.runs import Run

runs = typer.Typer(help="Show and compare what was measured.", no_args_is_help=True)
app.add_typer(runs, name="runs")

RunId = Annotated[str, typer.Argument(help="A run id, its beginning, or last.")]


@command(runs, "list")
def list_runs(
    options: Options,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="How many, newest first.")
    ] = 20,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Only evaluate, or only optimize.")
    ] = None,
) -> None:
    """List the newest runs with their headline score.

    Example: surefoot runs list
    """
    from surefoot.evaluate.stale import states_of

    with open_space(options) as space:
        found = space.runs.runs(limit=limit, kind=kind)
        states = states_of(space, found)
    if options.json:
        print_json([_plain(run) | {"documents": states.get(run.id)} for run in found])
        return
    print_table(
        ("run", "when", "kind", "solution", "eval set", "questions", "headline score", "documents"),
        [
            (
                run.id,
                moment(run.at_ns),
                run.kind,
                run.solution,
                run.evalset,
                run.details.get("questions", ""),
                _headline_score(run),
                states[run.id].summary() if run.id in states else "",
            )
            for run in found
        ],
    )


@command(runs, "show")
def show_run(options: Options, run: RunId) -> None:
    """Show one run: scores, what it took, and the command that repeats it.

    Example: surefoot runs show last
    """
    from surefoot.evaluate.runs import load_run

    with open_space(options) as space:
        kept = load_run(space, run)
    if options.json:
        print_json(_plain(kept.run) | {"rows": [asdict(row) for row in kept.rows]})
        return
    _show(kept, options)


@command(runs, "delete")
def delete_run(options: Options, run: RunId) -> None:
    """Delete a run with its questions; what it was measured on stays.

    Example: surefoot runs delete 3f2a91
    """
    with open_space(options) as space:
        found = space.runs.run(run)
        space.runs.delete(found.id)
    if options.json:
        print_json({"deleted": found.id})
        return
    say(f"deleted run {found.id} of {found.solution} on {found.evalset}", quiet=options.quiet)


@command(runs, "compare")
def compare(
    options: Options,
    base: RunId,
    other: RunId,
    seed: Annotated[int, typer.Option("--seed", help="Of the intervals.")] = 0,
) -> None:
    """Compare two runs question by question: each difference with its 95% interval and a verdict.

    Example: surefoot runs compare 3f2a91 last
    """
    from surefoot.evaluate.comparing import compare_runs
    from surefoot.evaluate.runs import load_run

    with open_space(options) as space:
        found = compare_runs(load_run(space, base), load_run(space, other), seed=seed)
    if options.json:
        print_json(found)
        return
    print_table(
        ("metric", found.base, found.other, "difference", "95% interval", "n", "verdict"),
        [_line(one) for one in (*found.metrics, *found.expenses)],
    )
    for note in found.notes:
        say(f"note: {note}", quiet=options.quiet)


def _line(one: Difference) -> Sequence[object]:
    gap = one.difference
    needed = f" (about {one.needed} more questions would tell)" if one.needed else ""
    return (
        one.metric,
        f"{one.base:.4g}",
        f"{one.other:.4g}",
        f"{gap.value:+.4g}",
        f"{gap.low:+.4g} to {gap.high:+.4g}",
        gap.n,
        one.verdict + (" (too few questions)" if one.few else needed),
    )


def _show(kept: KeptRun, options: Options) -> None:
    run = kept.run
    typer.echo(safe(f"{run.kind} {run.id}  {moment(run.at_ns)}"))
    typer.echo(safe(f"solution  {run.solution}  {run.solution_digest}"))
    typer.echo(safe(f"eval set  {run.evalset}  {run.evalset_digest}  seed {run.seed}"))
    if run.corpus:
        typer.echo(f"corpus    {run.corpus}")
    print_table(
        ("metric", "value", "95% interval", "n"),
        [(s.metric, f"{s.value:.3f}", f"{s.low:.3f} to {s.high:.3f}", s.n) for s in kept.scores],
    )
    for reason in run.details.get("left_out", ()):
        say(f"left out: {reason}", quiet=options.quiet)
    for line in _took(run):
        typer.echo(line)
    if again := run.details.get("command"):
        typer.echo(safe(f"again: {again}"))


def _took(run: Run) -> Iterator[str]:
    """What the run took, what its index took, and how near the forecast was; each where it is known."""
    expense = run.details.get("expense", {})
    if "usage" in expense:
        used, money = expense["usage"], expense["usage"]["cost"]
        chat = used["prompt_tokens"] + used["completion_tokens"]
        parts = [f"{expense['wall_s']:.1f} s", f"{expense['cpu_s']:.1f} s of processor time"]
        parts += [f"{used['encoder_tokens']:,} encoder tokens"] if used["encoder_tokens"] else []
        parts += [f"{used['calls']} chat calls, {chat:,} tokens"] if used["calls"] else []
        parts += [f"{money:.4f} USD"] if money else []
        yield f"questions took {', '.join(parts)}"
    machine = run.details.get("machine", {})
    if peak := machine.get("peak_memory_bytes"):
        yield f"peak memory {peak / 1e6:.0f} MB"
    if disk := machine.get("index_bytes"):
        built = machine.get("indexing") or {}
        took = f", {built['cpu_s']:.1f} s of processor time to build" if "cpu_s" in built else ""
        yield f"index {disk / 1e6:.1f} MB{took}"
    if found := run.details.get("audit"):
        ratios = ", ".join(f"{name} {ratio:.2f}" for name, ratio in found.items() if ratio)
        yield f"forecast over what it took: {ratios}"


def _plain(run: Run) -> dict[str, object]:
    return {"id": run.id, "when": moment(run.at_ns), **asdict(run)}


def _headline_score(run: Run) -> str:
    headline = run.details.get("headline", "")
    listed = run.details.get("scores", ())
    for score in sorted(listed, key=lambda one: one["metric"] != headline):
        return f"{score['metric']} {score['value']:.3f}"
    return ""
