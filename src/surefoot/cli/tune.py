"""Training: adapters and whole weights, and the jobs that train them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command, parse_overrides
from surefoot.cli.render import print_json, print_table, progress, safe, say
from surefoot.cli.tune_live import Watch, told, watching
from surefoot.core.errors import ConfigError, DataError

if TYPE_CHECKING:
    from surefoot.models.base import ModelEnv
    from surefoot.optimize.train import Done, Order
    from surefoot.tune.artefact import Parity, Trained
    from surefoot.tune.events import Event

tune = typer.Typer(help="Train models on your own rows.", no_args_is_help=True)
app.add_typer(tune, name="tune")
"""The group; other modules of commands hang theirs on it too: `from surefoot.cli.tune import tune`."""

RowsFile = Annotated[
    Path, typer.Option("--rows", help="Rows to learn from, in any common format; JSONL or CSV.")
]


@dataclass(frozen=True, slots=True)
class Running:
    """Where and how a training runs; the same for every tuner."""

    name: Annotated[str, typer.Option("--name", help="What the result is called.")] = ""
    dev: Annotated[
        float,
        typer.Option("--dev", min=0, max=0.5, help="Share to stop by, where rows have no split."),
    ] = 0.1
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of all that is drawn.")] = 0
    device: Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")] = "auto"
    processes: Annotated[
        int, typer.Option("--processes", min=1, help="More than one are started by torchrun.")
    ] = 1
    threads: Annotated[
        int, typer.Option("--threads", min=0, help="Of each process; 0 = all cores but one.")
    ] = 0
    anew: Annotated[
        bool, typer.Option("--anew", help="Forget what an earlier job of that name did.")
    ] = False
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Any other setting of the tuner."),
    ] = None


@dataclass(frozen=True, slots=True)
class Learning:
    """How long and how fast; what is not given is the tuner's own."""

    epochs: Annotated[float | None, typer.Option("--epochs", help="Times over all rows.")] = None
    learning_rate: Annotated[
        float | None, typer.Option("--learning-rate", help="Of the first step after warming up.")
    ] = None
    batch: Annotated[
        int | None,
        typer.Option(
            "--batch", help="Rows of one step; 8, or fewer where that is under 200 steps."
        ),
    ] = None
    max_tokens: Annotated[
        int | None, typer.Option("--max-tokens", help="Longer rows stop it: nothing is cut.")
    ] = None
    micro_tokens: Annotated[
        int | None, typer.Option("--micro-tokens", help="Tokens in memory at once.")
    ] = None
    export: Annotated[
        bool,
        typer.Option("--export", help="Write the form that answers too, and try it; else later."),
    ] = False
    show: Annotated[
        bool, typer.Option("--show", help="Print the first row: what is read, what is learnt.")
    ] = False
    forecast: Annotated[
        bool,
        typer.Option("--forecast", help="Try one step, say what all will take, and stop."),
    ] = False


@dataclass(frozen=True, slots=True)
class Adapting:
    """The adapter."""

    method: Annotated[
        str | None, typer.Option("--method", help="lora, dora, rslora, ia3 or prompt.")
    ] = None
    rank: Annotated[int | None, typer.Option("--rank", help="Width of the adapter.")] = None
    alpha: Annotated[
        float | None, typer.Option("--alpha", help="How strongly it acts, over its rank.")
    ] = None
    dropout: Annotated[
        float | None, typer.Option("--dropout", help="Share left out while learning.")
    ] = None
    target: Annotated[
        list[str] | None, typer.Option("--target", help="A layer by name; without it all linear.")
    ] = None


BaseModel = Annotated[
    str, typer.Option("--base", help="Alias, .gguf file or folder of safetensors.")
]


@command(tune)
def lora(
    options: Options,
    rows: RowsFile,
    base: BaseModel = "",
    *,
    running: Running,
    learning: Learning,
    adapting: Adapting,
) -> None:
    """Train an adapter (LoRA, DoRA, IA3, prompt tuning) on rows, beside a base that stays as it is.

    The same command again goes on where a job was interrupted.

    Example: surefoot tune lora --rows rows.jsonl --name house
    """
    own = {
        "method": adapting.method,
        "rank": adapting.rank,
        "alpha": adapting.alpha,
        "dropout": adapting.dropout,
        "targets": adapting.target,
    }
    _train_chat(options, "lora", own, rows, base, (running, learning))


@command(tune)
def full(
    options: Options,
    rows: RowsFile,
    base: BaseModel = "",
    *,
    running: Running,
    learning: Learning,
) -> None:
    """Train all weights of a model on rows; more memory than an adapter, and a copy of the model each time.

    Example: surefoot tune full --rows rows.jsonl --name house-full
    """
    _train_chat(options, "full", {}, rows, base, (running, learning))


@command(tune)
def jobs(options: Options) -> None:
    """List training jobs and how each stands.

    Example: surefoot tune jobs
    """
    from surefoot.optimize.train import list_jobs

    found = list_jobs(_root(options))
    if options.json:
        print_json(
            [
                {
                    "name": job.name,
                    "tuner": job.tuner,
                    "base": job.base,
                    "state": job.state,
                    "message": job.message,
                    "pid": job.pid,
                    "last": None
                    if job.last is None
                    else job.last.model_dump(exclude_defaults=True),
                }
                for job in found
            ]
        )
        return
    print_table(
        ("name", "tuner", "base", "state", "progress", "message"),
        [
            (j.name, j.tuner, j.base, j.state, told(j.last) if j.last else "", j.message)
            for j in found
        ],
    )


@command(tune)
def cancel(
    options: Options, name: Annotated[str, typer.Argument(help="Of the job, as jobs lists it.")]
) -> None:
    """End a running job; its checkpoints stay, and the command that began it goes on from them.

    Example: surefoot tune cancel house
    """
    from surefoot.optimize.train import jobs_root
    from surefoot.tune.job import cancel_job, job_state

    out = jobs_root(_root(options)) / Path(name).name
    before = job_state(out)
    ended = cancel_job(out)
    if options.json:
        print_json({"name": name, "cancelled": ended, "state": job_state(out).state})
    else:
        typer.echo(f"{name} was ended" if ended else f"{name} does not run: it is {before.state}")


def train_rows(
    options: Options,
    tuner: Mapping[str, Any],
    rows: Path,
    base: str,
    running: Running,
    hear: Watch | None = None,
) -> Done:
    """Runs a training with its live picture; what there is to say of the rows is told. `hear` gets the events too."""
    from surefoot.optimize.train import train

    order = _order(tuner, rows, base, running)
    quiet = options.quiet or options.json
    with watching(running.name, quiet=quiet) as watch:

        def both(event: Event) -> None:
            watch(event)
            if hear is not None:
                hear(event)

        done = train(_root(options), order, _env(options), both, anew=running.anew)
    for note in done.notes:
        say(f"note: {note}", quiet=quiet)
    return done


def _order(tuner: Mapping[str, Any], rows: Path, base: str, running: Running) -> Order:
    from surefoot.optimize.train import Order

    if not running.name:
        raise ConfigError("the result needs a name", where="--name", hint="--name house")
    return Order(
        name=running.name,
        tuner={**tuner, **parse_overrides(tuple(running.settings or ()))},
        base=base,
        rows=rows,
        dev=running.dev,
        seed=running.seed,
        device=running.device,  # type: ignore[arg-type]
        launcher="torchrun" if running.processes > 1 else "local",
        processes=running.processes,
        threads=running.threads,
    )


def _tell_forecast(order: Order, options: Options) -> None:
    from surefoot.optimize.train import foresee

    with progress("trying a step", quiet=options.quiet or options.json):
        found = foresee(order, _env(options))
    if options.json:
        print_json({"forecast": found.to_json()})
    else:
        typer.echo(found.summary())


def _train_chat(
    options: Options,
    kind: str,
    own: Mapping[str, Any],
    rows: Path,
    base: str,
    given: tuple[Running, Learning],
) -> None:
    from surefoot.config.catalog import load_catalog
    from surefoot.tune.artefact import read_card

    running, learning = given
    more = {
        "epochs": learning.epochs,
        "learning_rate": learning.learning_rate,
        "batch": learning.batch,
        "max_tokens": learning.max_tokens,
        "micro_tokens": learning.micro_tokens,
    }
    tuner = {key: value for key, value in {**own, **more}.items() if value is not None}
    base = base or load_catalog().default("chat")
    if learning.forecast:
        _tell_forecast(_order({"kind": kind, **tuner}, rows, base, running), options)
        return
    show = _first_row(options, running.name) if learning.show and not options.json else None
    done = train_rows(options, {"kind": kind, **tuner}, rows, base, running, show)
    if not learning.export:
        _report(done.card, done.place, options)
        return
    from surefoot.optimize.exporting import export_usual

    with progress(f"exporting {running.name}", quiet=options.quiet or options.json):
        found = export_usual(_root(options), running.name, _env(options))
    _report(read_card(done.place), done.place, options)
    _tell_parity(found, options)


def _tell_parity(found: Sequence[Parity], options: Options) -> None:
    """Whether each form answers as the trained model; leaves with an error where one does not."""
    for one in found:
        words = f"{one.form} answers as trained: agreement {one.agreement:.3f}"
        if not one.good:
            words = f"{one.form} does not answer as trained, and is not kept: agreement {one.agreement:.3f}"
        say(words, quiet=options.json)
    if not all(one.good for one in found):
        raise typer.Exit(DataError.exit_code)


def _report(card: Trained, place: Path, options: Options) -> None:
    if options.json:
        print_json({"place": str(place), "card": card.model_dump(mode="json", by_alias=True)})
        return
    spent = card.expense
    typer.echo(f"{card.name}: {card.kind} by {card.method} on {card.base}, in {place}")
    before = card.dev_loss_untrained
    untrained = "" if before is None else f" ({before:.3f} before)"
    loss = "" if card.dev_loss is None else f"dev loss {card.dev_loss:.3f}{untrained}, "
    typer.echo(
        f"{card.rows_used} rows, {spent.steps} steps, {spent.train_tokens:,} tokens, {loss}"
        f"{spent.wall_s:.0f} s, {spent.peak_mib:,.0f} MiB at most"
    )


def _first_row(options: Options, name: str) -> Watch:
    """Prints the first row as soon as it is known, once."""
    import json

    from surefoot.optimize.train import jobs_root
    from surefoot.tune.chat.training import FIRST_ROW

    file = jobs_root(_root(options)) / name / FIRST_ROW
    shown: list[str] = []

    def show(event: Event) -> None:
        del event
        if shown or not file.is_file():
            return
        row = json.loads(file.read_text(encoding="utf-8"))
        shown.append(row["id"])
        read = "".join(text for text, learnt in row["tokens"] if not learnt)
        said = "".join(text for text, learnt in row["tokens"] if learnt)
        typer.echo(f"{row['id']}, what is learnt stands after >>>", err=True)
        typer.echo(f"{safe(read)}>>>{typer.style(safe(said), fg='green')}", err=True)

    return show


def _root(options: Options) -> Path:
    from surefoot.run.workspace import find_root

    return find_root((options.workspace or Path.cwd()).expanduser().resolve())


def _env(options: Options) -> ModelEnv:
    from surefoot.cli.workspace import flags
    from surefoot.config.settings import load_settings
    from surefoot.models.base import ModelEnv

    root = _root(options)
    found = load_settings(workspace=root, flags=flags(options)).settings
    return ModelEnv(found.models, found.offline, found.threads, root)
