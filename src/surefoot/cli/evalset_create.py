"""`surefoot evalset create`: an eval set from the workspace's own documents."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from surefoot.cli.command import Options, command
from surefoot.cli.evalset import evalsets
from surefoot.cli.render import print_json, print_table, progress, say
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError

if TYPE_CHECKING:
    from surefoot.evaluate.generate import Created, CreateSettings
    from surefoot.run.workspace import Workspace

_METHODS = "heading, definition, statement, asked, table, keyphrase, cloze"


@dataclass(frozen=True, slots=True)
class Kinds:
    """What kinds of questions are wanted."""

    method: Annotated[
        list[str] | None, typer.Option("--method", help=f"Only these methods: {_METHODS}.")
    ] = None
    lang: Annotated[
        list[str] | None, typer.Option("--lang", help="Only documents in these: en, zh.")
    ] = None
    reworded: Annotated[
        float, typer.Option("--reworded", min=0, max=1, help="Share said in other words.")
    ] = 0.3
    unanswerable: Annotated[
        float,
        typer.Option("--unanswerable", min=0, max=1, help="So many more that have no answer here."),
    ] = 0.1
    no_hidden: Annotated[
        bool, typer.Option("--no-hidden", help="No question is a sentence of a document.")
    ] = False
    neighbour: Annotated[
        list[Path] | None,
        typer.Option("--neighbour", help="Another workspace; its questions have no answer here."),
    ] = None


@dataclass(frozen=True, slots=True)
class Writing:
    """The chat model that writes questions."""

    model: Annotated[
        str,
        typer.Option("--model", help="A catalog alias, a .gguf file, http:NAME; none without it."),
    ] = ""
    calls: Annotated[int, typer.Option("--calls", min=0, help="Calls of the model at most.")] = 400
    ask_in: Annotated[
        str | None, typer.Option("--ask-in", help="Language that the model asks in: en, zh.")
    ] = None


@command(evalsets, solution=True)
def create(
    options: Options,
    name: Annotated[str, typer.Argument(help="Name of the set, kept in evalsets/.")] = "generated",
    questions: Annotated[
        int, typer.Option("--questions", "-n", min=1, help="With an answer, each language at most.")
    ] = 200,
    seed: Annotated[int, typer.Option("--seed", help="Of all draws.")] = 0,
    *,
    kinds: Kinds,
    writing: Writing,
) -> None:
    """Make an eval set from the workspace's documents, without a language model unless one is named.

    Example: surefoot evalset create support -n 100
    """
    from surefoot.evaluate.evalsets import evalset_file, write_evalset
    from surefoot.evaluate.generate import create_evalset

    wanted = _settings({"name": name, "questions": questions, "seed": seed}, kinds, writing)
    quiet = options.quiet or options.json
    with open_space(options) as space:
        file = evalset_file(space.root, name)
        _check_free(file, options)
        _foretell(space, wanted, quiet)
        with progress("making questions", quiet=quiet) as show:
            made = create_evalset(space, wanted, show)
    write_evalset(made.evalset, file, overwrite=True)
    if options.json:
        print_json({"evalset": str(file), "digest": made.evalset.digest, "report": made.report})
    else:
        _print(made, file, options)


def _settings(given: dict[str, Any], kinds: Kinds, writing: Writing) -> CreateSettings:
    from surefoot.config.base import explain
    from surefoot.evaluate.generate import CreateSettings

    plain = {**given, **asdict(writing), "methods": tuple(kinds.method or ())}
    plain |= {"reworded": kinds.reworded, "unanswerable": kinds.unanswerable}
    plain |= {"hidden": not kinds.no_hidden, "neighbours": tuple(kinds.neighbour or ())}
    if kinds.lang:
        plain["languages"] = tuple(kinds.lang)
    try:
        return CreateSettings(**plain)
    except ValidationError as problem:
        raise explain(problem, CreateSettings, where="evalset create") from None


def _check_free(file: Path, options: Options) -> None:
    if file.exists() and not options.yes:
        raise ConfigError(
            "there is an eval set of this name",
            where=str(file),
            hint="choose another name, or --yes to replace it",
        )


def _foretell(space: Workspace, wanted: CreateSettings, quiet: bool) -> None:
    from surefoot.evaluate.generate import forecast_evalset

    if wanted.model:
        usage = forecast_evalset(space, wanted)
        say(
            f"forecast: {usage.calls} calls of at most {wanted.calls}, {usage.prompt_tokens} tokens read, "
            f"{usage.completion_tokens} written",
            quiet=quiet,
        )


def _print(made: Created, file: Path, options: Options) -> None:
    report = made.report
    print_table(
        ("language", "method", "questions"),
        [(lang, method, n) for lang, counts in report.made.items() for method, n in counts.items()],
    )
    if report.rejected:
        print_table(("dropped because", "offers"), list(report.rejected.items()))
    shares = ", ".join(f"{lang} {share:.2f}" for lang, share in report.overlap.items())
    say(
        f"from {report.asked_documents} of {report.documents} documents; share of a question's words that stand in "
        f"its gold passage: {shares}",
        quiet=options.quiet,
    )
    if report.hidden:
        say(
            f"{report.hidden} questions are sentences of the documents: they are hidden where the set is asked",
            quiet=options.quiet,
        )
    if report.usage.calls:
        say(
            f"the chat model took {report.usage.calls} calls, {report.usage.prompt_tokens} tokens read, "
            f"{report.usage.completion_tokens} written",
            quiet=options.quiet,
        )
    for note in report.notes:
        say(f"note: {note}", quiet=options.quiet)
    typer.echo(f"{len(made.evalset.cases)} questions in {file}, digest {made.evalset.digest}")
