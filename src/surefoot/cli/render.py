"""How things look: JSON for programs, plain lines for pipes, a little colour for people. Decides nothing."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

import typer

from surefoot.cli import told_lines
from surefoot.core.regions import cited_place
from surefoot.core.types import Answer, Chunk, Hit

# Escape sequences and control characters of documents must not reach a terminal.
_CONTROL = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)


class ShowProgress(Protocol):
    """Takes what is done, what there is in all, and a word on it."""

    def __call__(self, done: int, total: int, detail: str = "") -> None: ...


def safe(text: str) -> str:
    """Text without escape sequences and control characters."""
    return _CONTROL.sub("", text)


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    typer.echo(json.dumps(plain(value), ensure_ascii=False, default=str))


def plain(value: Any) -> Any:
    """Dataclasses, mappings and sequences as plain JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    return str(value)


def say(text: str, *, quiet: bool = False) -> None:
    """A note on stderr."""
    if told_lines.wanted():
        told_lines.tell(note=safe(text))
    elif not quiet:
        typer.echo(safe(text), err=True)


def print_answer(answer: Answer) -> None:
    """The answer with its marks, then the sources with the quoted words."""
    typer.echo(typer.style(safe(answer.text), bold=not answer.refused))
    if answer.citations:
        typer.echo()
        print_sources(answer)


def print_sources(answer: Answer) -> None:
    """Each citation with its place and the quoted words."""
    for citation in sorted(answer.citations, key=lambda c: c.number):
        chunk = citation.chunk
        heading = f" › {' › '.join(chunk.headings)}" if chunk.headings else ""
        place = f"{_where(chunk)}{cited_place(citation)}{heading}"
        quote = shorten(" ".join(citation.quote.split()), 160)
        mark = typer.style(f"[{citation.number}]", fg="cyan")
        typer.echo(f"{mark} {safe(place)}\n    {typer.style(safe(quote), dim=True)}")


def _where(chunk: Chunk) -> str:
    """The document, and its address where it stands on the web."""
    known = not chunk.uri.startswith(("http://", "https://")) or chunk.uri in chunk.document_id
    return chunk.document_id if known else f"{chunk.document_id} ({chunk.uri})"


def print_hits(hits: Sequence[Hit]) -> None:
    """One hit a line in a pipe; with its text for people."""
    for rank, hit in enumerate(hits, 1):
        chunk = hit.chunk
        heading = f" › {' › '.join(chunk.headings)}" if chunk.headings else ""
        if not sys.stdout.isatty():
            text = " ".join(safe(chunk.text).split())
            typer.echo(
                f"{rank}\t{hit.score:.4f}\t{safe(chunk.document_id)}\t{chunk.start}-{chunk.end}\t{text}"
            )
            continue
        title = typer.style(safe(f"{_where(chunk)}{heading}"), fg="cyan")
        typer.echo(f"{rank:>2}. {title}  {hit.score:.3f}")
        typer.echo(f"    {safe(shorten(' '.join(chunk.text.split()), 300))}\n")


def shorten(text: str, limit: int) -> str:
    """The text cut to `limit` characters with an ellipsis."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def moment(unix_ns: int) -> str:
    """A time of the ledger, in nanoseconds since 1970, as date and time in UTC."""
    return datetime.fromtimestamp(unix_ns / 1e9, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for people; tab-separated lines with a header in a pipe."""
    body = [[safe(str(cell)) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in [list(columns), *body]:
            typer.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column)
    for row in body:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


@contextmanager
def progress(title: str, *, quiet: bool) -> Iterator[ShowProgress]:
    """A bar on stderr with items, rate and time left; nothing where stderr is not a terminal."""
    if told_lines.wanted():
        yield told_lines.ToldProgress(title)
        return
    if quiet or not sys.stderr.isatty():
        yield _silent
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[detail]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None, detail="")

        def show(done: int, total: int, detail: str = "") -> None:
            bar.update(task, completed=done, total=total or None, detail=detail)

        yield show


def _silent(done: int, total: int, detail: str = "") -> None:
    pass
