"""`surefoot tune data`: training rows from files, documents and eval sets."""

from __future__ import annotations

from collections import defaultdict
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, print_table, progress, safe, say, shorten
from surefoot.cli.tune import tune
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError, DataError, MissingError

if TYPE_CHECKING:
    from surefoot.optimize.training_data import DataSettings, TrainingData
    from surefoot.run.workspace import Workspace
    from surefoot.tune.left_out import LeftOut
    from surefoot.tune.rows import ChatRow, PairRow

_EXAMPLES = 3
_SHOWN_CHARS = 1200


@dataclass(frozen=True, slots=True)
class Rows:
    """What rows are wanted."""

    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            help="chat: questions and conversations; raft: questions among passages; "
            "pairs: queries with passages; style: texts as they stand.",
        ),
    ] = "chat"
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the rows are written.")] = Path(
        "rows.jsonl"
    )
    dev: Annotated[
        float, typer.Option("--dev", min=0, max=0.9, help="Share of the rows to stop by.")
    ] = 0.1
    served: Annotated[
        bool, typer.Option("--served", help="chat: questions in the solution's own prompt.")
    ] = False
    refusal: Annotated[
        str, typer.Option("--refusal", help="What declining says, if not as the product does.")
    ] = ""
    seed: Annotated[int, typer.Option("--seed", help="Of all draws.")] = 0


@dataclass(frozen=True, slots=True)
class Documents:
    """Questions made from the documents."""

    from_documents: Annotated[
        bool,
        typer.Option("--from-documents", help="Make questions from the workspace's documents."),
    ] = False
    questions: Annotated[
        int, typer.Option("--questions", "-n", min=1, help="Made, each language at most.")
    ] = 200
    method: Annotated[
        list[str] | None, typer.Option("--method", help="Only these methods, as evalset create.")
    ] = None
    lang: Annotated[
        list[str] | None, typer.Option("--lang", help="Only documents in these: en, zh.")
    ] = None
    model: Annotated[
        str, typer.Option("--model", help="A chat model that writes; none without it.")
    ] = ""
    calls: Annotated[int, typer.Option("--calls", min=0, help="Calls of the model at most.")] = 400


@dataclass(frozen=True, slots=True)
class Checks:
    """What may not be trained on."""

    against: Annotated[
        list[Path] | None,
        typer.Option("--against", help="An eval set of which no question may be given away."),
    ] = None
    drop_leaks: Annotated[
        bool, typer.Option("--drop-leaks", help="Leave leaking rows out; else they stop it.")
    ] = False
    base: Annotated[
        str, typer.Option("--base", help="Chat model whose tokens count: alias or .gguf file.")
    ] = ""
    max_tokens: Annotated[
        int | None, typer.Option("--max-tokens", min=1, help="Longer rows are left out.")
    ] = None


@dataclass(frozen=True, slots=True)
class Passages:
    """What stands beside the right passage."""

    distractors: Annotated[
        int, typer.Option("--distractors", min=0, help="raft: other passages at most.")
    ] = 3
    absent: Annotated[
        float,
        typer.Option("--absent", min=0, max=1, help="raft: share told again without its passage."),
    ] = 0.25
    negatives: Annotated[
        int, typer.Option("--negatives", min=0, help="pairs: passages that look alike, at most.")
    ] = 4
    margin: Annotated[
        float,
        typer.Option("--margin", min=0, max=0.99, help="pairs: how far below the right one."),
    ] = 0.05
    teacher: Annotated[
        str, typer.Option("--teacher", help="pairs: a cross-encoder whose scores are learnt from.")
    ] = ""


@command(tune, "data", solution=True)
def data(
    options: Options,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILES]",
            help="alpaca, sharegpt, messages, prompt/completion, query/positive/negatives, tables, eval sets.",
        ),
    ] = None,
    *,
    rows: Rows,
    documents: Documents,
    checks: Checks,
    passages: Passages,
) -> None:
    """Make training rows: read, checked line by line, held against an eval set, divided into train and dev.

    Nothing is dropped silently: every row that is left out is counted with its reason. Ends with 5 where lines of a
    file could not be read; the others are written.

    Example: surefoot tune data replies.jsonl --against support --out rows.jsonl
    """
    from surefoot.optimize.training_data import make_training_data
    from surefoot.tune.rows import write_rows

    wanted = _settings(files or [], rows, documents, checks, passages)
    if rows.out.exists() and not options.yes:
        raise ConfigError(
            "there is such a file", where=str(rows.out), hint="another --out, or --yes replaces it"
        )
    quiet = options.quiet or options.json
    with _space(options) as space, progress("making rows", quiet=quiet) as show:
        made = make_training_data(space, wanted, show)
    write_rows(made.rows, rows.out)
    if options.json:
        print_json(_plain(made, rows.out))
    else:
        _print(made, rows.out, options)
    if made.unreadable:
        raise typer.Exit(DataError.exit_code)


def _settings(
    files: list[Path], rows: Rows, documents: Documents, checks: Checks, passages: Passages
) -> DataSettings:
    from surefoot.config.base import explain
    from surefoot.optimize.training_data import DataSettings

    given: dict[str, Any] = {
        "kind": rows.kind, "files": tuple(files), "dev": rows.dev, "served": rows.served,
        "refusal": rows.refusal, "seed": rows.seed, "from_documents": documents.from_documents,
        "questions": documents.questions, "methods": tuple(documents.method or ()),
        "model": documents.model, "calls": documents.calls,
        "against": tuple(checks.against or ()), "drop_leaks": checks.drop_leaks,
        "base": checks.base, "max_tokens": checks.max_tokens, "teacher": _teacher(passages.teacher),
        "raft": {"distractors": passages.distractors, "absent": passages.absent},
        "pairs": {"negatives": passages.negatives, "margin": passages.margin},
    }  # fmt: skip
    if documents.lang:
        given["languages"] = tuple(documents.lang)
    try:
        return DataSettings(**given)
    except ValidationError as problem:
        raise explain(problem, DataSettings, where="tune data") from None


def _teacher(name: str) -> str:
    """A folder by its full path; else an alias."""
    folder = Path(name).expanduser()
    return str(folder.resolve()) if name and folder.is_dir() else name


def _space(options: Options) -> AbstractContextManager[Workspace | None]:
    """The workspace, where there is one; files can be read without."""
    try:
        return open_space(options)
    except MissingError:
        if options.workspace is not None or options.solution is not None:
            raise
        return nullcontext()


def _plain(made: TrainingData, out: Path) -> dict[str, Any]:
    return {
        "rows": str(out),
        "digest": made.rows.digest,
        "kind": made.rows.kind,
        "summary": made.summary,
        "left_out": {
            reason: {"rows": len(ones), "examples": [str(one) for one in ones[:_EXAMPLES]]}
            for reason, ones in _by_reason(made.left_out).items()
        },
        "leaks": made.leaks,
        "notes": made.notes,
        "formats": made.formats,
        "unused": made.unused,
        "offers": made.offers,
        "unreadable": made.unreadable,
        "usage": made.usage,
        "example": made.example.model_dump(mode="json"),
    }


def _print(made: TrainingData, out: Path, options: Options) -> None:
    summary = made.summary
    print_table(
        ("rows by", "which", "rows"),
        [(by, which, n) for by, counts in summary.counts.items() for which, n in counts.items()],
    )
    _print_left_out(made, options)
    for name, counts in (("read", made.formats), ("fields that no row has", made.unused)):
        if counts:
            told = ", ".join(f"{which} ({n})" for which, n in counts.items())
            say(f"{name}: {told}", quiet=options.quiet)
    if made.offers and options.verbose:
        print_table(("offered by the documents, not taken", "questions"), made.offers.items())
    if made.usage.calls:
        say(
            f"the chat model took {made.usage.calls} calls, {made.usage.prompt_tokens} tokens read, "
            f"{made.usage.completion_tokens} written",
            quiet=options.quiet,
        )
    for note in made.notes:
        say(f"note: {note}", quiet=options.quiet)
    if not options.quiet:
        _print_example(made.example)
    typer.echo(
        f"{summary.rows} rows in {out}, tokens of half of them at most {summary.tokens_p50}, of 95% "
        f"{summary.tokens_p95}, {summary.tokens} in all; digest {made.rows.digest}"
    )


def _print_left_out(made: TrainingData, options: Options) -> None:
    reasons = _by_reason(made.left_out)
    counts = {reason: len(ones) for reason, ones in reasons.items()}
    if made.leaks:
        counts["gives away a question of the eval set"] = len(made.leaks)
    if counts:
        print_table(("left out because", "rows"), counts.items())
    for ones in [*reasons.values(), made.leaks]:
        shown = len(ones) if options.verbose else _EXAMPLES
        for one in ones[:shown]:
            say(f"left out: {shorten(str(one), 300)}", quiet=options.quiet)
        if len(ones) > shown:
            say(f"  and {len(ones) - shown} more; -v names all", quiet=options.quiet)


def _print_example(row: ChatRow | PairRow) -> None:
    typer.echo("\none row, as the model will see it:")
    if row.kind == "chat":
        parts = [
            *((turn.role, turn.content) for turn in row.prompt),
            ("learns to say", row.completion),
        ]
    else:
        parts = [("query", row.query), ("passage", row.positive)]
        parts += [("looks alike", text) for text in row.negatives]
    for name, text in parts:
        typer.echo(f"── {name}\n{safe(_middle(text))}")
    typer.echo("──\n")


def _middle(text: str) -> str:
    """The text; of a long one its beginning and end."""
    if len(text) <= _SHOWN_CHARS:
        return text
    half = _SHOWN_CHARS // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters ...]\n{text[-half:]}"


def _by_reason(left_out: tuple[LeftOut, ...]) -> dict[str, list[LeftOut]]:
    found: defaultdict[str, list[LeftOut]] = defaultdict(list)
    for one in left_out:
        found[one.reason].append(one)
    return dict(sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])))
