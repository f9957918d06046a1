"""`surefoot tune embedder`, `surefoot tune reranker` and `surefoot tune adopt`: what finds, trained on your pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from surefoot.cli.command import Options, command, parse_overrides
from surefoot.cli.render import print_json, print_table, progress, say
from surefoot.cli.tune import tune
from surefoot.cli.workspace import open_space

if TYPE_CHECKING:
    from surefoot.optimize.encoders import Tuned
    from surefoot.tune.events import Event
    from surefoot.tune.spec import JobSpec

RowsFile = Annotated[Path, typer.Argument(help="Pairs of surefoot tune data, for train and dev.")]
_NOT_ADVISED = "not advised: the dev rows do not prove that it is better"


@dataclass(frozen=True, slots=True)
class Course:
    """What the result is called, and how it is trained."""

    name: Annotated[
        str, typer.Option("--name", "-n", help="Of the result; what it is, without it.")
    ] = ""
    base: Annotated[
        str, typer.Option("--base", help="Encoder to begin with; the solution's own without it.")
    ] = ""
    method: Annotated[
        str,
        typer.Option("--method", help="full: all weights; lora: an adapter, merged at the end."),
    ] = "full"
    epochs: Annotated[int | None, typer.Option("--epochs", min=1, help="At most.")] = None
    seed: Annotated[int, typer.Option("--seed", help="Of the order and the draws.")] = 0
    device: Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")] = "auto"
    minutes: Annotated[
        float | None, typer.Option("--minutes", help="Ends with the best so far after these.")
    ] = None
    tuner: Annotated[
        list[str] | None,
        typer.Option(
            "--tuner", metavar="NAME=VALUE", help="Another setting of the tuner, as batch=16."
        ),
    ] = None
    apply: Annotated[
        bool, typer.Option("--apply", help="Put it to use where it is proven better.")
    ] = False


@command(tune, "embedder", solution=True)
def embedder(
    options: Options,
    rows: RowsFile,
    *,
    side: Annotated[
        str, typer.Option("--side", help="query: the index stays as it is; both: it is built anew.")
    ] = "query",
    general: Annotated[
        Path | None,
        typer.Option("--general", help="Pairs of other subjects, to see what is forgotten."),
    ] = None,
    course: Course,
) -> None:
    """Train how questions find passages; the dev rows say whether it is proven better.

    Example: surefoot tune embedder pairs.jsonl --name support
    """
    own = {"side": side, "general": str(general.resolve()) if general else ""}
    _train(options, "embedder", rows, course, own)


@command(tune, "reranker", solution=True)
def reranker(
    options: Options,
    rows: RowsFile,
    *,
    course: Course,
) -> None:
    """Train a cross-encoder that orders what the search found.

    Example: surefoot tune reranker pairs.jsonl --name judge --base all-minilm-l6-v2
    """
    _train(options, "reranker", rows, course, {})


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
    kind: Literal["embedder", "reranker"],
    rows: Path,
    course: Course,
    own: dict[str, Any],
) -> None:
    from surefoot.optimize.encoders import adopt as put
    from surefoot.optimize.encoders import train_encoder

    quiet = options.quiet or options.json
    with open_space(options) as space, progress("training", quiet=quiet) as show:
        base = course.base or str(getattr(space.resources.corpus.embed, "model", ""))
        spec = _spec(kind, rows, base, course, own)
        tuned = train_encoder(space, spec, lambda event: _show(event, show, quiet))
        used = put(space, spec.name).written if course.apply and tuned.advised else {}
    if options.json:
        print_json(_plain(tuned, used))
        return
    _print(tuned, used, quiet=options.quiet)


def _spec(kind: str, rows: Path, base: str, course: Course, own: dict[str, Any]) -> JobSpec:
    """The job that the options ask for."""
    from surefoot.config.base import parse
    from surefoot.config.registry import Registry
    from surefoot.tune.spec import JobSpec

    said = {key: value for key, value in asdict(course).items() if value is not None}
    tuner = {key: said[key] for key in ("method", "epochs", "minutes") if key in said}
    more = parse_overrides(tuple(course.tuner or ()))
    folder = Path(base).expanduser()
    raw = {
        "name": course.name or kind,
        "tuner": {"kind": kind, **tuner, **own, **more},
        "base": str(folder.resolve()) if folder.is_dir() else base,
        "rows": str(rows.resolve()),
        "seed": course.seed,
        "device": course.device,
    }
    return parse(JobSpec, raw, Registry(), where="the options")


def _show(event: Event, show: Callable[[int, int, str], None], quiet: bool) -> None:
    """A step moves the bar; a message is a line on stderr."""
    if event.message:
        say(event.message, quiet=quiet)
    if event.steps:
        loss = "" if event.loss is None else f"loss {event.loss:.3f}"
        show(event.step, event.steps, loss)


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
