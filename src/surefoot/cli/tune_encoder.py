"""`surefoot tune embedder`, `surefoot tune reranker` and `surefoot tune adopt`: what finds, trained on your pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, print_table, progress, say
from surefoot.cli.tune import RowsFile, Running, train_rows, tune
from surefoot.cli.workspace import open_space

if TYPE_CHECKING:
    from surefoot.optimize.encoders import Tuned

_NOT_ADVISED = "not advised: the dev rows do not prove that it is better"


@dataclass(frozen=True, slots=True)
class Ends:
    """What it begins with, and what becomes of it."""

    base: Annotated[
        str, typer.Option("--base", help="Encoder: alias or folder; without it the solution's own.")
    ] = ""
    apply: Annotated[
        bool, typer.Option("--apply", help="Put it to use where it is proven better.")
    ] = False


@dataclass(frozen=True, slots=True)
class Learning:
    """How long and how; what is not given is the tuner's own."""

    method: Annotated[
        str | None,
        typer.Option("--method", help="full: all weights; lora: an adapter, merged at the end."),
    ] = None
    epochs: Annotated[int | None, typer.Option("--epochs", min=1, help="At most.")] = None
    minutes: Annotated[
        float | None, typer.Option("--minutes", help="Ends with the best so far after these.")
    ] = None
    learning_rate: Annotated[
        float | None, typer.Option("--learning-rate", help="After warming up.")
    ] = None
    batch: Annotated[int | None, typer.Option("--batch", help="Questions of one step.")] = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What of an encoder is trained, and what it may not forget."""

    side: Annotated[
        str | None,
        typer.Option("--side", help="query: the index stays as it is; both: it is built anew."),
    ] = None
    general: Annotated[
        Path | None,
        typer.Option("--general", help="Pairs of other subjects, to see what is forgotten."),
    ] = None


@command(tune)
def embedder(
    options: Options,
    rows: RowsFile,
    *,
    ends: Ends,
    running: Running,
    learning: Learning,
    reading: Reading,
) -> None:
    """Train how questions find passages; the dev rows say whether it is proven better.

    Example: surefoot tune embedder --rows pairs.jsonl --name support
    """
    general = str(reading.general.resolve()) if reading.general else None
    own = {"side": reading.side, "general": general, **asdict(learning)}
    _train(options, {"kind": "embedder", **own}, rows, ends, running)


@command(tune)
def reranker(
    options: Options,
    rows: RowsFile,
    *,
    ends: Ends,
    running: Running,
    learning: Learning,
) -> None:
    """Train a cross-encoder that orders what the search found.

    Example: surefoot tune reranker --rows pairs.jsonl --name judge --base all-minilm-l6-v2
    """
    own = {"kind": "reranker", **asdict(learning)}
    _train(options, own, rows, ends, running)


@command(tune, "adopt", solution=True)
def adopt(
    options: Options, name: Annotated[str, typer.Argument(help="Of a trained encoder or reranker.")]
) -> None:
    """Put a trained encoder or reranker into the solution; an index it needs is built beside, then switched.

    Example: surefoot tune adopt support
    """
    from surefoot.optimize.encoders import adopt as put

    quiet = options.quiet or options.json
    with open_space(options) as space, progress("embedding", quiet=quiet) as show:
        found = put(space, name, lambda done, total, place: show(done, total, str(place)))
    if options.json:
        print_json({"written": dict(found.written), "index": found.report is not None})
        return
    for path, value in found.written.items():
        typer.echo(f"{path} = {value}")
    say("next: surefoot eval EVALSET measures it on questions of yours", quiet=options.quiet)


def _train(
    options: Options,
    own: Mapping[str, Any],
    rows: Path,
    ends: Ends,
    running: Running,
) -> None:
    from surefoot.optimize.encoders import adopt as put
    from surefoot.optimize.encoders import judged

    tuner = {key: value for key, value in own.items() if value is not None}
    with open_space(options) as space:
        embed = space.resources.corpus.embed
        folder = Path(ends.base or str(getattr(embed, "model", ""))).expanduser()
        begun = str(folder.resolve()) if folder.is_dir() else str(folder)
        tuned = judged(space.root, train_rows(options, tuner, rows, begun, running))
        used = dict(put(space, running.name).written) if ends.apply and tuned.advised else {}
    if options.json:
        print_json(_plain(tuned, used))
        return
    _print(tuned, used, quiet=options.quiet)


def _plain(tuned: Tuned, used: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": tuned.card.name,
        "folder": str(tuned.folder),
        "measured": dict(tuned.card.measured),
        "verdicts": {part: asdict(verdict) for part, verdict in tuned.verdicts.items()},
        "advised": tuned.advised,
        "written": used,
    }


def _print(tuned: Tuned, used: dict[str, Any], *, quiet: bool) -> None:
    from surefoot.evaluate.stats import verdict_text

    measured = tuned.card.measured
    parts = [part for part in ("dev", "general") if f"{part}_before" in measured]
    print_table(
        ("nDCG@10", "before", "after", "difference", "95% interval", "n"),
        [
            (
                part,
                f"{measured[f'{part}_before']:.3f}",
                f"{measured[f'{part}_after']:.3f}",
                f"{tuned.verdicts[part].difference.value:+.3f}",
                f"{tuned.verdicts[part].difference.low:+.3f} to {tuned.verdicts[part].difference.high:+.3f}",
                tuned.verdicts[part].difference.n,
            )
            for part in parts
        ],
    )
    for part in parts:
        typer.echo(f"{part}: {verdict_text(tuned.verdicts[part])}")
    if "general" not in parts and tuned.card.kind == "encoder":
        say(
            "what it forgets was not measured: --general FILE names pairs of other subjects",
            quiet=quiet,
        )
    for path, value in used.items():
        typer.echo(f"{path} = {value}")
    if not tuned.advised:
        typer.echo(_NOT_ADVISED)
    if not used:
        say(f"next: surefoot tune adopt {tuned.card.name} puts it to use", quiet=quiet)
