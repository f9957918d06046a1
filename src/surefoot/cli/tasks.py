"""Tasks beside question answering: `surefoot task summarise`, `translate`, `classify`, `extract`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.ask import AsOption, FilterOption, asker_of, read_filter
from surefoot.cli.command import Options, command
from surefoot.cli.render import print_answer, print_json, safe, say
from surefoot.cli.spending import MaxCost, spent_json, spent_said, stop_where_used_up
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError, MissingError

if TYPE_CHECKING:
    from surefoot.core.roles import Meter
    from surefoot.core.types import Turn
    from surefoot.run.tasks import Kind
    from surefoot.run.workspace import Asked, Workspace

task = typer.Typer(
    help="Summarise, translate, classify and extract, beside question answering.",
    no_args_is_help=True,
)
app.add_typer(task, name="task")

TextArgument = Annotated[str, typer.Argument(help="The text; - reads stdin.")]
FileOption = Annotated[
    Path | None, typer.Option("--file", help="A file with the text (UTF-8) in place of TEXT.")
]


@dataclass(frozen=True, slots=True)
class Asking:
    """Which chat model does a task, and what it may cost."""

    model: Annotated[
        str, typer.Option("--model", help="Chat model in place of the solution's own.")
    ] = ""
    max_cost: MaxCost = None


@dataclass(frozen=True, slots=True)
class Documents:
    """Which documents of the workspace a task works on."""

    document: Annotated[
        list[str] | None, typer.Option("--document", help="Id of a document; may be repeated.")
    ] = None
    filter: FilterOption = None
    as_user: AsOption = None


@dataclass(frozen=True, slots=True)
class Labels:
    """What labels there are, and how one is chosen."""

    labels: Annotated[str, typer.Option("--labels", help="Labels, with commas between.")] = ""
    examples: Annotated[
        str, typer.Option("--examples", help='JSONL of labelled rows: {"text", "label"}.')
    ] = ""
    nearest: Annotated[
        bool, typer.Option("--nearest", help="Let the nearest rows vote; asks no chat model.")
    ] = False

    @property
    def settings(self) -> dict[str, Any]:
        """As settings of the stage."""
        listed = self.labels.replace("，", ",").split(",")
        rows = {"file": str(Path(self.examples).absolute()), "mode": "nearest"}
        return {
            "labels": [label.strip() for label in listed if label.strip()],
            "examples": rows if self.examples else None,
            "method": "nearest" if self.nearest else "",
        }


@command(task, solution=True)
def summarise(
    options: Options,
    text: TextArgument = "",
    file: FileOption = None,
    sentences: Annotated[
        int | None, typer.Option("--sentences", min=1, help="Sentences at most.")
    ] = None,
    asking: Asking = Asking(),
    documents: Documents = Documents(),
) -> None:
    """Say in a few sentences what a text or documents say, with citations.

    Example: surefoot task summarise --document handbook/leave.md --sentences 3
    """
    with open_space(options) as space:
        turn = _turn(space, _text(text, file, documents), documents)
        done = _do(space, "summarise", turn, {"sentences": sentences}, asking)
    _show(options, done)


@command(task, solution=True)
def translate(
    options: Options,
    text: TextArgument = "",
    file: FileOption = None,
    document: Annotated[str, typer.Option("--document", help="Id of a document.")] = "",
    to: Annotated[
        str, typer.Option("--to", help="en or zh; left out: the other one than the text's.")
    ] = "",
    asking: Asking = Asking(),
) -> None:
    """Translate a text or a document from English into Chinese or back, with its Markdown and numbers.

    Example: surefoot task translate --to zh "The harbour opens at 9."
    """
    from surefoot.run.tasks import given

    with open_space(options) as space:
        source = space.tasks.text_of(document) if document else _text(text, file, Documents())
        done = _do(space, "translate-text", given(source), {"to": to}, asking)
    _show(options, done)


@command(task, solution=True)
def classify(
    options: Options,
    text: TextArgument = "",
    file: FileOption = None,
    asking: Asking = Asking(),
    choice: Labels = Labels(),
) -> None:
    """Choose the label of a text.

    Example: surefoot task classify "My card is gone" --labels "lost card,card fee,transfer"
    """
    from surefoot.run.tasks import given

    with open_space(options) as space:
        source = given(_text(text, file, Documents()))
        done = _do(space, "classify", source, choice.settings, asking)
    _show(options, done)


@command(task, solution=True)
def extract(
    options: Options,
    text: TextArgument = "",
    file: FileOption = None,
    schema: Annotated[
        Path | None, typer.Option("--schema", help="File with the JSON Schema of the fields.")
    ] = None,
    asking: Asking = Asking(),
    documents: Documents = Documents(),
) -> None:
    """Take the fields of a JSON Schema out of a text or documents; values that the text does not say are dropped.

    Example: surefoot task extract --schema invoice.json --file invoice.txt
    """
    named = str(schema.absolute()) if schema else ""
    with open_space(options) as space:
        turn = _turn(space, _text(text, file, documents), documents)
        done = _do(space, "extract", turn, {"schema": named}, asking)
    _show(options, done)


@dataclass(frozen=True, slots=True)
class _Done:
    """A task that was done, and what it used."""

    asked: Asked
    meter: Meter


def _do(
    space: Workspace, kind: Kind, turn: Turn, settings: dict[str, Any], asking: Asking
) -> _Done:
    from surefoot.core.roles import Call, Meter
    from surefoot.run.tasks import of

    settings = {name: value for name, value in settings.items() if value}
    if asking.model:
        settings["model"] = asking.model
    if kind in ("summarise", "extract"):
        settings = {**of(turn), **settings}
    call = Call(meter=Meter(max_cost=asking.max_cost))
    return _Done(space.tasks.run(kind, turn, settings, call), call.meter)


def _turn(space: Workspace, text: str, documents: Documents) -> Turn:
    return space.tasks.over(
        text,
        documents.document or (),
        read_filter(documents.filter),
        asker_of(documents.as_user),
    )


def _text(text: str, file: Path | None, documents: Documents) -> str:
    """The text that was given.

    Raises:
        ConfigError: there is none, and no document either.
        MissingError: there is no such file.
    """
    if file is not None:
        if not file.is_file():
            raise MissingError("there is no such file", where=str(file))
        try:
            return file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            hint = "add it with surefoot add, then name it with --document"
            raise ConfigError("is not UTF-8 text", where=str(file), hint=hint) from None
    if text == "-":
        text = sys.stdin.read()
    if not text.strip() and not documents.document and documents.filter is None:
        raise ConfigError("there is nothing to work on", where="TEXT", hint="- reads stdin")
    return text


def _show(options: Options, done: _Done) -> None:
    answer, notes, used = done.asked.turn.answer, done.asked.turn.notes, done.meter.usage
    if options.json:
        told = {"answer": answer, "notes": notes, "trace_id": done.asked.trace_id}
        print_json(told | {"spent": spent_json(done.asked, used)})
        stop_where_used_up(done.meter, quiet=True)
        return
    if answer is None:
        raise ConfigError("no stage answers")
    if done.asked.turn.hits:
        print_answer(answer)
    else:
        typer.echo(safe(answer.text))
    if answer.confidence is not None and options.verbose:
        say(f"likelihood {answer.confidence:.2f}", quiet=options.quiet)
    for note in notes:
        say(f"note: {note.message}", quiet=options.quiet)
    say(spent_said(done.asked, used), quiet=options.quiet)
    stop_where_used_up(done.meter, quiet=options.quiet)
