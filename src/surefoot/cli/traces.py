"""Traces: how an answer came about, stage by stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, print_table, safe, shorten
from surefoot.cli.workspace import open_space

if TYPE_CHECKING:
    from surefoot.core.trace import SpanRecord

traces = typer.Typer(help="Show how answers came about.", no_args_is_help=True)
app.add_typer(traces, name="trace")

_SHOWN_HITS = 10


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
                datetime.fromtimestamp(line.start_ns / 1e9, tz=UTC).strftime("%Y-%m-%d %H:%M:%S"),
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
    for i in range(min(int(attributes.get("surefoot.hits", 0)), _SHOWN_HITS)):
        prefix = f"retrieval.documents.{i}.document"
        if f"{prefix}.id" in attributes:
            lines.append(_hit_line(i + 1, prefix, attributes))
    hidden = int(attributes.get("surefoot.hits", 0)) - _SHOWN_HITS
    if hidden > 0:
        lines.append(f"and {hidden} more hits (--json shows them)")
    lines += [
        f"note: {value}" for key, value in attributes.items() if key.startswith("surefoot.note.")
    ]
    return lines


def _hit_line(rank: int, prefix: str, attributes: Mapping[str, Any]) -> str:
    mark = f"{prefix}.signal."
    signals = "  ".join(
        f"{key.removeprefix(mark)} {value:.3g}"
        for key, value in attributes.items()
        if key.startswith(mark)
    )
    return (
        f"{rank:>2}. {attributes[f'{prefix}.score']:.3f}  {attributes[f'{prefix}.id']}  {signals}"
    )
