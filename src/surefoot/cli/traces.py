"""Traces: how an answer came about, stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command, parse_overrides
from surefoot.cli.explain import SHOWN_HITS, dropped_line, hit_line
from surefoot.cli.render import moment, print_json, print_table, safe, say, shorten
from surefoot.cli.workspace import open_space

if TYPE_CHECKING:
    from surefoot.core.trace import SpanRecord

traces = typer.Typer(help="Show how answers came about.", no_args_is_help=True)
app.add_typer(traces, name="trace")


@command(traces, "list")
def list_traces(
    options: Options,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="How many, newest first.")
    ] = 20,
) -> None:
    """List the newest traced questions.

    Example: surefoot trace list
    """
    with open_space(options) as space:
        lines = space.ledger.traces(limit=limit)
    if options.json:
        print_json(lines)
        return
    print_table(
        ("trace", "when", "ms", "what", "question"),
        [
            (
                line.trace_id[:12],
                moment(line.start_ns),
                f"{line.duration_ms:.0f}",
                f"{line.name} (failed)" if line.error else line.name,
                shorten(" ".join(line.question.split()), 60),
            )
            for line in lines
        ],
    )


@command(traces, "show")
def show_trace(
    options: Options,
    trace_id: Annotated[str, typer.Argument(help="A trace id, or its beginning.")],
) -> None:
    """Show the stages of one question: time, what was found, what was said.

    Example: surefoot trace show 4bf92f
    """
    with open_space(options) as space:
        spans = space.ledger.trace(trace_id)
    if options.json:
        print_json(spans)
        return
    depth = _depths(spans)
    for span in spans:
        indent = "  " * depth[span.span_id]
        milliseconds = (span.end_ns - span.start_ns) / 1e6
        typer.echo(
            f"{indent}{safe(span.name)}  {milliseconds:.1f} ms"
            + (f"  {safe(span.error)}" if span.error else "")
        )
        for line in _details(span.attributes):
            typer.echo(f"{indent}    {safe(line)}")


@command(traces, "replay", solution=True)
def replay_trace(
    options: Options,
    trace_id: Annotated[str, typer.Argument(help="A trace id, or its beginning.")],
) -> None:
    """Ask a past question again with other settings of its stages (--set) and show what differs.

    Example: surefoot trace replay 4bf92f --set stages.0.keyword=5
    """
    from surefoot.core.roles import Call
    from surefoot.core.types import Asker
    from surefoot.run.replaying import replay
    from surefoot.run.traced import traced

    changes = parse_overrides(options.overrides)
    with open_space(replace(options, overrides=())) as space:
        former = traced(space.ledger.trace(trace_id))
        found = replay(space, former, changes, Asker(), Call())
    if options.json:
        print_json(found)
        return
    print_table(
        ("chunk", "rank before", "rank now"),
        [(one.chunk_id, one.was or "-", one.now or "-") for one in found.moved],
    )
    typer.echo(f"before: {safe(found.former.answer)}")
    typer.echo("now:    the same" if found.same_answer else f"now:    {safe(found.now.answer)}")
    for what in found.otherwise:
        say(f"note: the {what} is another than then", quiet=options.quiet)


def _depths(spans: Sequence[SpanRecord]) -> dict[str, int]:
    depth: dict[str, int] = {}
    for span in spans:
        depth[span.span_id] = depth.get(span.parent_id or "", -1) + 1
    return depth


def _details(attributes: Mapping[str, Any]) -> list[str]:
    lines = []
    for key, label in (("input.value", "question"), ("output.value", "answer")):
        if key in attributes:
            lines.append(f"{label}: {shorten(' '.join(str(attributes[key]).split()), 200)}")
    lines += _numbered(attributes, "surefoot.query.", lambda what, value: f"{what}: {value}")
    for i in range(min(int(attributes.get("surefoot.hits", 0)), SHOWN_HITS)):
        prefix = f"retrieval.documents.{i}.document"
        if f"{prefix}.id" in attributes:
            lines.append(_hit_line(i + 1, prefix, attributes))
    hidden = int(attributes.get("surefoot.hits", 0)) - SHOWN_HITS
    if hidden > 0:
        lines.append(f"and {hidden} more hits (--json shows them)")
    lines += _dropped(attributes)
    lines += _numbered(attributes, "surefoot.note.", lambda _, value: f"note: {value}")
    return lines


def _numbered(
    attributes: Mapping[str, Any], prefix: str, line: Callable[[str, Any], str]
) -> list[str]:
    """A line for each attribute `prefix` + number + name."""
    return [
        line(key.removeprefix(prefix).partition(".")[2], value)
        for key, value in attributes.items()
        if key.startswith(prefix)
    ]


def _dropped(attributes: Mapping[str, Any]) -> list[str]:
    count = int(attributes.get("surefoot.dropped", 0))
    shown = [
        dropped_line(
            attributes[f"surefoot.dropped.{i}.was"], attributes[f"surefoot.dropped.{i}.id"]
        )
        for i in range(min(count, SHOWN_HITS))
        if f"surefoot.dropped.{i}.id" in attributes
    ]
    return [*shown, f"and {count - SHOWN_HITS} more dropped"] if count > SHOWN_HITS else shown


def _hit_line(rank: int, prefix: str, attributes: Mapping[str, Any]) -> str:
    mark = f"{prefix}.signal."
    signals = {
        key.removeprefix(mark): float(value)
        for key, value in attributes.items()
        if key.startswith(mark)
    }
    place, score = attributes[f"{prefix}.id"], float(attributes[f"{prefix}.score"])
    return hit_line((attributes.get(f"{prefix}.was"), rank), score, place, signals)
