"""Brings in eval sets of other programs and tables of questions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from surefoot.cli.command import Options, command
from surefoot.cli.evalset import evalsets
from surefoot.cli.questions import evalset_root
from surefoot.cli.render import print_json, print_table, say
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.core.types import Task

if TYPE_CHECKING:
    from surefoot.evaluate.evalsets.importing import Imported, LeftOut
    from surefoot.evaluate.evalsets.library import Library

_SHOWN = 10
_UNFIT = re.compile(r"[^\w.-]+")
_TASKS: tuple[Task, ...] = get_args(Task)


Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="FIELD=NAME",
        help="Which column has question, answer, source, quote, id, tags, lang, split or answerable.",
    ),
]


@command(evalsets, "import", solution=True)
def bring_in(
    options: Options,
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV, TSV, JSONL or JSON (RAGAS and LlamaIndex shapes too), or a folder in BEIR layout."
        ),
    ],
    name: Annotated[
        str | None, typer.Option("--name", help="Of the set; that of the file if not given.")
    ] = None,
    column: Columns = None,
    task: Annotated[str, typer.Option("--task", help=f"One of {', '.join(_TASKS)}.")] = "qa",
    source: Annotated[
        str, typer.Option("--source", help="Where the questions come from: human, log, imported.")
    ] = "imported",
) -> None:
    """Bring in questions with answers and sources, and find their gold passages in the workspace's documents.

    Columns are told by their names, English or Chinese. An answer that stands in its document just once is gold
    too. A bad row is left out and said, the rest go on.

    Example: surefoot evalset import questions.csv --name support --column question=提问
    """
    from surefoot.evaluate.evalsets import evalset_file, write_evalset
    from surefoot.evaluate.evalsets.importing import Wanted, columns_said, import_evalset

    if not file.exists():
        raise MissingError("there is no such file", where=str(file))
    wanted = Wanted(
        name or _UNFIT.sub("-", file.resolve().stem).strip("-.") or "questions",
        columns_said(column or [], "--column"),
        _task(task),
        source,
    )
    with _library(options) as library:
        found = import_evalset(file, wanted, library)
    path = evalset_file(evalset_root(options), wanted.name)
    write_evalset(found.evalset, path)
    if options.json:
        print_json(_plain(found, path))
    else:
        _print(found, path, options)
    if found.left_out:
        raise typer.Exit(DataError.exit_code)


@contextmanager
def _library(options: Options) -> Iterator[Library | None]:
    """What the workspace's index holds; nothing where there is no workspace, which is said."""
    from surefoot.evaluate.evalsets.library import Library

    try:
        space = open_space(options)
    except MissingError:
        say("note: there is no workspace here, so sources and quotes are taken as they are written")
        yield None
        return
    with space:
        yield Library.of_index(space.resources.index())


def _print(found: Imported, path: Path, options: Options) -> None:
    from surefoot.evaluate.evalsets import contents
    from surefoot.evaluate.evalsets.importing import reasons

    counted = contents(found.evalset)
    rows: list[tuple[str, object]] = [("questions", counted.questions)]
    rows += [(f"with gold: {kind}", n) for kind, n in counted.counts["gold"].items()]
    rows += [(f"left out: {reason}", n) for reason, n in reasons(found.left_out)]
    rows += [(f"note: {reason}", n) for reason, n in reasons(found.remarks)]
    print_table(("what", "count"), rows)
    _list("left out", found.left_out)
    _list("note", found.remarks)
    read = ", ".join(f"{field} from {name}" for field, name in found.columns.items())
    say(f"read as {found.shape}{f': {read}' if read else ''}", quiet=options.quiet)
    say(f"written to {path} (digest {found.evalset.digest})", quiet=options.quiet)


def _list(title: str, items: Sequence[LeftOut]) -> None:
    for item in items[:_SHOWN]:
        say(f"{title}: {item.where}: {item.reason}")
    if len(items) > _SHOWN:
        say(f"and {len(items) - _SHOWN} more; --json lists them")


def _plain(found: Imported, path: Path) -> dict[str, object]:
    from surefoot.evaluate.evalsets import contents

    return {
        "path": str(path),
        "shape": found.shape,
        "columns": found.columns,
        "contents": contents(found.evalset),
        "left_out": found.left_out,
        "remarks": found.remarks,
    }


def _task(name: str) -> Task:
    for task in _TASKS:
        if name == task:
            return task
    raise ConfigError(f"{name!r} is no task", where="--task", hint=f"one of {', '.join(_TASKS)}")
