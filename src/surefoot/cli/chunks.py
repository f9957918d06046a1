"""How documents are cut: the pieces of one file, and a comparison of sizes and kinds on questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command, parse_overrides
from surefoot.cli.questions import EvalSetName, read_questions
from surefoot.cli.render import print_json, print_table, progress, say, shorten
from surefoot.cli.workspace import flags, open_space
from surefoot.core.errors import ConfigError, MissingError

if TYPE_CHECKING:
    from surefoot.core.types import Score
    from surefoot.evaluate.learn.sweep import Tried
    from surefoot.run.preview import Piece, Preview
    from surefoot.run.workspace import Workspace

chunks = typer.Typer(help="See and compare how documents are cut.", no_args_is_help=True)
app.add_typer(chunks, name="chunks")

Sizes = Annotated[str, typer.Option("--sizes", metavar="N,...", help="Tokens in a chunk to try.")]
Kinds = Annotated[
    str,
    typer.Option(
        "--kinds", metavar="KIND,...", help="Chunkers to try; the present one if not given."
    ),
]
Sample = Annotated[
    int | None,
    typer.Option("--sample", min=1, help="Ask only so many questions, drawn at random."),
]
Keep = Annotated[
    bool, typer.Option("--keep", help="Leave the indexes that were built where they are.")
]

_SHOWN_CHARS = 100


@command(chunks, solution=True)
def preview(
    options: Options,
    file: Annotated[Path, typer.Argument(help="A document of any kind that can be added.")],
    chunker: Annotated[
        str | None,
        typer.Option(
            "--chunker",
            metavar="KIND",
            help="Cut with this kind, its settings as --set gives them.",
        ),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Show the whole text of each piece.")
    ] = False,
) -> None:
    """Show how a file would be cut: each piece with its size in tokens and characters, headings and overlap.

    Example: surefoot chunks preview handbook.pdf --chunker sentence --set corpus.chunk.sentences=5
    """
    from surefoot.run.preview import preview as cut

    if chunker is not None:
        kind = f'corpus.chunk={{kind = "{chunker}"}}'
        options = replace(options, overrides=(kind, *options.overrides))
    with _space(options) as space:
        found = cut(space, file)
    if options.json:
        print_json(found)
        return
    rows = [_row(piece, full=full) for piece in found.pieces]
    print_table(("#", "place", "tokens", "characters", "overlap", "page", "headings", "text"), rows)
    for note in found.notes:
        say(f"note: {note}", quiet=options.quiet)
    say(_summary(found), quiet=options.quiet)


@command(chunks, solution=True)
def sweep(
    options: Options,
    evalset: EvalSetName,
    sizes: Sizes = "128,256,480",
    kinds: Kinds = "",
    sample: Sample = None,
    keep: Keep = False,
) -> None:
    """Compare sizes and kinds of chunks on questions, each in an index of its own beside the live one.

    Example: surefoot chunks sweep support --sizes 128,256,480 --kinds structure,sentence
    """
    from surefoot.evaluate.learn.sweep import Sight, cuts
    from surefoot.evaluate.learn.sweep import sweep as compare

    questions = read_questions(options, evalset, sample)
    with (
        open_space(options) as space,
        progress("comparing", quiet=options.quiet or options.json) as show,
    ):
        present = space.resources.corpus.chunk.model_dump(mode="json")
        wanted = cuts(present, _names(kinds), _numbers(sizes))
        tried = compare(
            space,
            questions,
            wanted,
            Sight(keep=keep),
            lambda title, done, total: show(done, total, title),
        )
    if options.json:
        print_json([_plain(one) for one in tried])
    else:
        _print_sweep(tried, options, len(questions.cases))


def _print_sweep(tried: Sequence[Tried], options: Options, questions: int) -> None:
    columns = ("chunker", "chunks", "index s", "score", "value", "95% interval")
    print_table(
        (*columns, "difference", "95% interval", "n"), [row for one in tried for row in _rows(one)]
    )
    say(
        f"{questions} questions; differences are paired, to the present settings in the first rows."
        " The best of many looks better than it is: confirm it on other questions.",
        quiet=options.quiet,
    )


def _space(options: Options) -> Workspace:
    """The workspace, or the default solution where there is none."""
    from surefoot.run.preview import space_without_folder

    try:
        return open_space(options)
    except MissingError:
        if options.workspace is not None or options.solution is not None:
            raise
        return space_without_folder(parse_overrides(options.overrides), flags(options))


def _row(piece: Piece, *, full: bool) -> tuple[object, ...]:
    chunk = piece.chunk
    text = " ".join(chunk.text.split())
    return (
        chunk.index,
        f"{chunk.start}-{chunk.end}",
        piece.tokens,
        piece.chars,
        piece.overlap or "",
        chunk.page or "",
        " › ".join(chunk.headings),
        text if full else shorten(text, _SHOWN_CHARS),
    )


def _summary(found: Preview) -> str:
    sizes = [piece.tokens for piece in found.pieces]
    over = sum(size > found.max_tokens for size in sizes)
    cut = f"; {over} longer than the {found.max_tokens} that the encoder reads" if over else ""
    spread = f"{min(sizes)} to {max(sizes)} tokens, half of them up to {median(sizes):.0f}"
    settings = ", ".join(f"{key} {value}" for key, value in found.chunker.items() if key != "kind")
    kind = found.chunker["kind"]
    return f"{len(sizes)} pieces of {found.chars} characters by {kind} ({settings}): {spread}{cut}"


def _rows(one: Tried) -> Iterator[tuple[object, ...]]:
    changes = {change.metric: change for change in one.differences}
    for score in one.scores:
        change = changes.get(score.metric)
        yield (
            one.label if one.differences else f"{one.label} (present)",
            one.chunks,
            f"{one.seconds:.0f}" if one.seconds is not None else "",
            score.metric,
            f"{score.value:.3f}",
            f"{score.low:.3f} to {score.high:.3f}",
            f"{change.value:+.3f}" if change else "",
            _interval(change) if change else "",
            score.n,
        )


def _interval(change: Score) -> str:
    return f"{change.low:+.3f} to {change.high:+.3f}"


def _plain(one: Tried) -> dict[str, Any]:
    return {
        "chunker": one.settings,
        "present": not one.differences,
        "recipe": one.recipe,
        "chunks": one.chunks,
        "seconds": one.seconds,
        "scores": one.scores,
        "differences": one.differences,
        "values": one.values,
    }


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in _names(text)]
    except ValueError:
        raise ConfigError(
            f"{text!r} is not a list of numbers", where="--sizes", hint="try --sizes 128,256"
        ) from None
