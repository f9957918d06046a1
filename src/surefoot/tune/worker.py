"""The child process of a job: `python -m surefoot.tune.worker FOLDER`, alone or as one of torchrun's processes."""

from __future__ import annotations

import json
import os
import select
import sys
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock

from surefoot.config.base import parse
from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError, DataError, SurefootError
from surefoot.models.base import ModelEnv
from surefoot.tune.artefact import Trained
from surefoot.tune.events import Event, add_event
from surefoot.tune.rows import TuningRows, read_rows
from surefoot.tune.spec import JobSpec, Tuner

SPEC = "spec.json"
ENV = "env.json"
LOCK = ".lock"
FAILURE = "failure.json"
WATCHED = "SUREFOOT_JOB_WATCHED"
_LOCK_WAIT_S = 10


def main(out: Path) -> int:
    """Trains what the folder's spec says; the exit code is 0, or that of the error, told in failure.json."""
    rank = int(os.environ.get("RANK", "0"))
    if rank:
        return _train(out, rank)
    with FileLock(out / LOCK, timeout=_LOCK_WAIT_S):
        return _train(out, rank)


def read_spec(out: Path) -> JobSpec:
    """The spec that stands in a job's folder."""
    raw = json.loads((out / SPEC).read_text(encoding="utf-8"))
    return parse(JobSpec, raw, Registry(), where=str(out / SPEC))


def write_env(env: ModelEnv, out: Path) -> None:
    """Tells the child where the models are."""
    (out / ENV).write_text(json.dumps(asdict(env), default=str), encoding="utf-8")


def read_env(out: Path) -> ModelEnv:
    """Where the models are."""
    raw = json.loads((out / ENV).read_text(encoding="utf-8"))
    places = {name: raw[name] and Path(raw[name]) for name in ("cache", "root")}
    return ModelEnv(**(raw | places))


def _train(out: Path, rank: int) -> int:
    def tell(event: Event) -> None:
        if rank == 0:
            add_event(out, event)
            _check_company()

    try:
        spec = read_spec(out)
        _check_world(spec)
        tell(Event(state="validating", message="reading the rows"))
        card = _run(spec, out, tell)
    except SurefootError as problem:
        _keep_failure(problem, out)
        add_event(out, Event(state="failed", message=str(problem)))
        return problem.exit_code
    if rank == 0:
        done = f"{card.kind} {card.name}: {len(card.files)} files"
        add_event(out, Event(state="succeeded", message=done))
    return 0


def _run(spec: JobSpec, out: Path, tell: object) -> Trained:
    tuner: Tuner = Registry().part_class("tuner", spec.tuner.kind)()
    rows = read_rows(Path(spec.rows))
    _check_kind(rows, tuner, spec)
    return tuner.train(spec, rows, out, read_env(out), tell)  # type: ignore[arg-type]


def _check_company() -> None:
    """Whoever began the job holds the other end of this process's input; a training that nobody awaits ends."""
    if os.environ.get(WATCHED) and select.select([sys.stdin], [], [], 0)[0]:
        raise SurefootError("whoever began it is gone", hint="the same command goes on")


def _check_kind(rows: TuningRows, tuner: Tuner, spec: JobSpec) -> None:
    if rows.kind != tuner.rows:
        raise DataError(
            f"these are {rows.kind} rows; {spec.tuner.kind} learns from {tuner.rows} rows",
            where=spec.rows,
        )


def _check_world(spec: JobSpec) -> None:
    """A launcher that starts another number of processes than asked for would train another model."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world != spec.processes:
        raise ConfigError(
            f"{world} processes run, the job asks for {spec.processes}",
            hint='launcher = "torchrun" starts more than one',
        )


def _keep_failure(problem: SurefootError, out: Path) -> None:
    values = {
        "code": problem.code,
        "message": problem.message,
        "where": problem.where,
        "hint": problem.hint,
    }
    (out / FAILURE).write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
