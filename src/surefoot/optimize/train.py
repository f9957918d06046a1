"""Trains a model for a workspace: rows in any known format, a resumable job, the result among the trained models."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from surefoot.config.base import parse
from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError
from surefoot.models.base import ModelEnv
from surefoot.run.adapters import adapters_root
from surefoot.run.places import INNER
from surefoot.tune.artefact import Trained
from surefoot.tune.data.splitting import divide
from surefoot.tune.events import Event
from surefoot.tune.job import JobState, cancel_job, job_state, put_artefact, run_job
from surefoot.tune.reading import Reading, read_file
from surefoot.tune.rows import TuningRows, read_rows, write_rows
from surefoot.tune.spec import Foreseen, Foresees, JobSpec
from surefoot.tune.worker import SPEC

_JOBS = "jobs"
_ROWS = "rows.jsonl"
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be trained. `tuner` holds the settings of its kind; `dev` is the share of rows to stop by.

    Rows that name their own split keep it.
    """

    name: str
    tuner: Mapping[str, Any]
    base: str
    rows: Path
    dev: float = 0.1
    seed: int = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    launcher: Literal["local", "torchrun"] = "local"
    processes: int = 1
    threads: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it, where it lies, and what there is to say of the rows."""

    card: Trained
    place: Path
    notes: tuple[str, ...] = field(default=())


def jobs_root(root: Path) -> Path:
    """The folder of a workspace's training jobs."""
    return root / INNER / _JOBS


def list_jobs(root: Path) -> list[JobState]:
    """How each job of a workspace stands, by name."""
    return [job_state(file.parent) for file in sorted(jobs_root(root).glob(f"*/{SPEC}"))]


def train(
    root: Path,
    order: Order,
    env: ModelEnv,
    watch: Callable[[Event], None] | None = None,
    *,
    anew: bool = False,
) -> Done:
    """Trains, or goes on with the job of that name, and puts the result into `.surefoot/adapters/NAME`.

    `anew` forgets what an earlier job of that name did.

    Raises:
        ConfigError: a setting is wrong, or an earlier job of that name had others.
        DataError: the rows cannot be learnt from.
        SurefootError: the training failed or was cancelled.
    """
    out = jobs_root(root) / order.name
    spec = _spec(order, out)
    if anew:
        cancel_job(out)
        shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    notes = _prepare_rows(order, out)
    run_job(spec, out, env, watch)
    place = adapters_root(root) / order.name
    place.parent.mkdir(parents=True, exist_ok=True)
    return Done(put_artefact(out, place), place, notes)


def foresee(order: Order, env: ModelEnv) -> Foreseen:
    """What `train` would take: everything is readied aside, one step is tried, and nothing is kept.

    Raises:
        ConfigError: a setting is wrong, or this kind of training cannot be foreseen.
        DataError: the rows cannot be learnt from, or there is not enough memory.
        MissingExtra: torch and its family are not installed.
    """
    with TemporaryDirectory(prefix="surefoot-forecast-") as folder:
        out = Path(folder)
        spec = _spec(order, out)
        tuner = Registry().part_class("tuner", spec.tuner.kind)()
        if not isinstance(tuner, Foresees):
            raise ConfigError(f"{spec.tuner.kind} cannot be foreseen", where="--forecast")
        _prepare_rows(order, out)
        return tuner.foresee(spec, read_rows(Path(spec.rows)), out, env)


def _spec(order: Order, out: Path) -> JobSpec:
    raw = {
        "name": order.name,
        "tuner": dict(order.tuner),
        "base": order.base,
        "rows": str(out / _ROWS),
        "seed": order.seed,
        "device": order.device,
        "launcher": order.launcher,
        "processes": order.processes,
        "threads": order.threads,
    }
    return parse(JobSpec, raw, Registry(), where=order.name)


def _prepare_rows(order: Order, out: Path) -> tuple[str, ...]:
    """Canonical rows in the job's folder, the same for the same file; a job that began keeps those it began with."""
    reading = read_file(order.rows)
    if not reading.rows:
        raise ConfigError("there is no row to learn from", where=str(order.rows))
    rows = list(reading.rows)
    notes: tuple[str, ...] = ()
    if not reading.divided:
        rows, notes = divide(rows, order.dev, seed=order.seed)
    aside = out / f".{_ROWS}"
    write_rows(TuningRows.of(rows), aside)  # type: ignore[arg-type]
    aside.replace(out / _ROWS)
    return (*_left_out(reading), *notes)


def _left_out(reading: Reading) -> tuple[str, ...]:
    if not reading.left_out:
        return ()
    named = "; ".join(map(str, reading.left_out[:_NAMED]))
    more = len(reading.left_out) - _NAMED
    rest = f"; and {more} more" if more > 0 else ""
    return (f"{len(reading.left_out)} records are no rows and are left out: {named}{rest}",)
