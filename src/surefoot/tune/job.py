"""Runs a training in a child process of its own: told by a file, watched by its events, ended by its process group.

A job is a folder: spec.json, events.jsonl, log.txt, checkpoints/ and, in the end, the artefact. The same spec
there goes on from the newest complete checkpoint; a finished job is not trained again.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from surefoot.core.digest import sha256_file
from surefoot.core.errors import (
    CapReached,
    ConfigError,
    DataError,
    MissingError,
    SurefootError,
    TransientError,
)
from surefoot.models.base import ModelEnv
from surefoot.tune.artefact import CARD, FOLDERS, Trained, check_files, read_card
from surefoot.tune.events import EVENTS, Event, State, add_event, read_events
from surefoot.tune.spec import JobSpec
from surefoot.tune.worker import FAILURE, LOCK, SPEC, WATCHED, write_env

LOG = "log.txt"
ROWS = "rows.sha256"
_PID = "pid"
_WATCHER = "watcher"
_POLL_S = 0.2
_GRACE_S = 10.0
_KEEPS_BLOCKS = {"MALLOC_MMAP_THRESHOLD_": str(2**30), "MALLOC_TRIM_THRESHOLD_": str(2**32)}
"""Every step of an adapter asks for the same large blocks: given back to the system, each is zeroed anew by it.
Training whole weights took 2 GB more with this, and is not much faster."""
_GOING: frozenset[State] = frozenset({"validating", "queued", "running"})
_ERRORS = {
    kind.code: kind for kind in (ConfigError, MissingError, DataError, TransientError, CapReached)
}
Watch = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class JobState:
    """How a job stands. `last` is the newest event that had a step; `message` the newest message."""

    name: str
    tuner: str
    base: str
    state: State
    message: str = ""
    last: Event | None = None
    pid: int | None = None


def run_job(spec: JobSpec, out: Path, env: ModelEnv, watch: Watch | None = None) -> Trained:
    """Trains in a child process, or goes on; the artefact lies in `out`, its card is given back.

    `watch` hears each event of this run. An interrupt ends the child; what was kept in checkpoints stays.

    Raises:
        ConfigError: the folder holds a job with other settings or rows, or one that runs.
        MissingError: there is no file of rows, or torch is not installed.
        DataError: the rows cannot be learnt from.
        SurefootError: the child failed or was cancelled.
    """
    out.mkdir(parents=True, exist_ok=True)
    _settle(spec, out)
    if (out / CARD).is_file():
        return check_files(out)
    if _is_alive(out) and not _runs(_number(out / _WATCHER)):
        cancel_job(out)  # whoever began it was killed; it would end by itself at its next event
    if _is_alive(out):
        raise ConfigError(
            f"process {_pid(out)} is training it",
            where=spec.name,
            hint=f"wait, or end it: surefoot tune cancel {spec.name}",
        )
    (out / FAILURE).unlink(missing_ok=True)
    write_env(env, out)
    add_event(out, Event(state="queued"))
    said = (out / EVENTS).stat().st_size
    with _begun(spec, out) as child:
        _follow(child, out, said, watch or _hear_nothing)
    if child.returncode:
        raise _problem(child.returncode, spec, out)
    return read_card(out)


def job_state(out: Path) -> JobState:
    """How the job in a folder stands.

    Raises:
        MissingError: the folder holds no job.
    """
    try:
        raw = json.loads((out / SPEC).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MissingError(
            "there is no such job", where=str(out), hint="surefoot tune jobs lists them"
        ) from None
    state: State = "queued"
    message, last = "", None
    for event in read_events(out):
        state = event.state
        message = event.message or message
        last = event if event.step else last
    alive = _is_alive(out)
    if state in _GOING and not alive:
        state = "failed"
        message = "it ended without a word; the same command goes on from its last checkpoint"
    return JobState(
        name=str(raw["name"]),
        tuner=str(raw["tuner"]["kind"]),
        base=str(raw["base"]),
        state=state,
        message=message,
        last=last,
        pid=_pid(out) if alive else None,
    )


def cancel_job(out: Path) -> bool:
    """Ends the processes of a running job; False where none runs. Its checkpoints stay."""
    pid = _pid(out)
    if not _is_alive(out) or pid is None:
        return False
    add_event(out, Event(state="cancelled"))
    _signal(pid, signal.SIGTERM)
    try:
        with FileLock(out / LOCK, timeout=_GRACE_S):
            pass
    except Timeout:
        _signal(pid, signal.SIGKILL)
    return True


def put_artefact(out: Path, place: Path) -> Trained:
    """Puts what a job made where trained models live, whole or not at all; an earlier one of that name is replaced.

    What is there already stays, with all that was exported from it. Files are linked where the file system allows, so
    that nothing lies on the disk twice.
    """
    card = check_files(out)
    if (place / CARD).is_file() and card.files.items() <= read_card(place).files.items():
        return read_card(place)
    aside = place.with_name(f".{place.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    for name in (CARD, *FOLDERS.values()):
        if (out / name).is_dir():
            shutil.copytree(out / name, aside / name, copy_function=_link)
        elif (out / name).is_file():
            shutil.copy2(out / name, aside / name)
    shutil.rmtree(place, ignore_errors=True)
    aside.rename(place)
    return card


def _settle(spec: JobSpec, out: Path) -> None:
    """The folder belongs to one spec and one file of rows."""
    rows = Path(spec.rows)
    if not rows.is_file():
        raise MissingError(
            "there is no such file of rows", where=spec.rows, hint="surefoot tune data makes one"
        )
    told, digest = spec.model_dump(mode="json"), sha256_file(rows)
    if (out / SPEC).is_file():
        kept = json.loads((out / SPEC).read_text(encoding="utf-8"))
        same_rows = (out / ROWS).read_text(encoding="ascii") == digest
        changed = [key for key in told if key != "threads" and kept.get(key) != told[key]]
        if changed or not same_rows:
            what = ", ".join(changed) or "the rows"
            raise ConfigError(
                f"{what} changed since this job began; it cannot go on as another",
                where=str(out),
                hint="give it another name, or begin anew with --anew",
            )
    (out / ROWS).write_text(digest, encoding="ascii")
    (out / SPEC).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def _begun(spec: JobSpec, out: Path) -> subprocess.Popen[bytes]:
    with (out / LOG).open("ab") as log:
        child = subprocess.Popen(
            _command(spec, out),
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.PIPE,  # its end tells the child that nobody awaits it
            env=_surroundings(spec),
            start_new_session=True,
        )
    (out / _PID).write_text(str(child.pid), encoding="ascii")
    (out / _WATCHER).write_text(str(os.getpid()), encoding="ascii")
    return child


def _command(spec: JobSpec, out: Path) -> list[str]:
    worker = ["-m", "surefoot.tune.worker", str(out)]
    if spec.launcher == "local":
        return [sys.executable, *worker]
    count = str(spec.processes)
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", count]
    return [sys.executable, *torchrun, *worker]


def _surroundings(spec: JobSpec) -> dict[str, str]:
    own = {"CUDA_VISIBLE_DEVICES": "0"} if spec.launcher == "local" else {}
    keeps = _KEEPS_BLOCKS if spec.tuner.kind == "lora" else {}
    return {
        **own,  # one process trains on one device
        **keeps,
        # Threads that spin while they wait starve a busy machine; a fraction of a millisecond spares most sleeps.
        "OMP_WAIT_POLICY": "PASSIVE",
        "GOMP_SPINCOUNT": "200000",
        **os.environ,
        WATCHED: "1",
        "OMP_NUM_THREADS": str(spec.threads_each),
        "MKL_NUM_THREADS": str(spec.threads_each),
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }


def _follow(child: subprocess.Popen[bytes], out: Path, said: int, watch: Watch) -> None:
    """Hands on events until the child is gone. Whatever stops this also ends the child."""
    try:
        gone = False
        while not gone:
            gone = _has_gone(child)
            said = _hand_on(out, said, watch)
    finally:
        if child.poll() is None:
            _end(child)
            add_event(out, Event(state="cancelled"))


def _end(child: subprocess.Popen[bytes]) -> None:
    _signal(child.pid, signal.SIGTERM)
    try:
        child.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        _signal(child.pid, signal.SIGKILL)
        child.wait()


def _has_gone(child: subprocess.Popen[bytes]) -> bool:
    try:
        child.wait(_POLL_S)
    except subprocess.TimeoutExpired:
        return False
    return True


def _hand_on(out: Path, said: int, watch: Watch) -> int:
    with (out / EVENTS).open("rb") as file:
        file.seek(said)
        for line in file:
            if not line.endswith(b"\n"):
                break
            said += len(line)
            watch(Event.model_validate_json(line))
    return said


def _problem(code: int, spec: JobSpec, out: Path) -> SurefootError:
    """Why the child ended: what it said itself, that it was cancelled, or what the system did to it."""
    again = f"the same command goes on; see {out / LOG}"
    if (out / FAILURE).is_file():
        raw: dict[str, Any] = json.loads((out / FAILURE).read_text(encoding="utf-8"))
        kind = _ERRORS.get(raw["code"].replace("_extra", ""), SurefootError)
        return kind(raw["message"], where=raw["where"], hint=raw["hint"])
    if list(read_events(out))[-1].state == "cancelled":
        return SurefootError("was cancelled", where=spec.name, hint=again)
    if code == -signal.SIGKILL:
        message = "was killed, as the system does where memory runs out"
        again = f"lower micro_tokens or batch; {again}"
    else:
        message = f"ended with {code}: {_last_line(out / LOG)}"
    add_event(out, Event(state="failed", message=message))
    return SurefootError(message, where=spec.name, hint=again)


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "no word")[:300]


def _is_alive(out: Path) -> bool:
    """A process of the job holds its lock, or was started and has not come to it yet."""
    try:
        with FileLock(out / LOCK, timeout=0):
            pass
    except Timeout:
        return True
    events = list(read_events(out))
    return bool(events) and events[-1].state == "queued" and _runs(_pid(out))


def _pid(out: Path) -> int | None:
    return _number(out / _PID)


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _runs(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _signal(pid: int, number: int) -> None:
    """To the child and all that it started: it leads a process group of its own."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _hear_nothing(event: Event) -> None:
    del event
