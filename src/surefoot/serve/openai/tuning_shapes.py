"""What `/v1/fine_tuning/jobs` reads and writes, and how a training of surefoot is told in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from surefoot.core.errors import MissingError
from surefoot.store.jobs import Job
from surefoot.tune.checkpoints import FOLDER, MANIFEST
from surefoot.tune.events import Event, read_events
from surefoot.tune.job import job_state

_NS: Final = 10**9
Auto = Literal["auto"]
Status = Literal["validating_files", "queued", "running", "succeeded", "failed", "cancelled"]
_STATUS: Final[dict[str, Status]] = {
    "queued": "queued",
    "running": "running",
    "done": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
    "interrupted": "failed",
}
Short = Annotated[str, Field(max_length=512)]


class Hyperparameters(BaseModel):
    """How long and how fast; `auto` is the tuner's own."""

    n_epochs: Auto | Annotated[float, Field(ge=0.01, le=1000)] = "auto"
    batch_size: Auto | Annotated[int, Field(ge=1, le=100_000)] = "auto"
    learning_rate_multiplier: Auto | Annotated[float, Field(gt=0, le=1000)] = "auto"


class LoraSettings(BaseModel):
    """The adapter; an addition of surefoot's."""

    method: Literal["lora", "dora", "rslora", "ia3", "prompt"] | None = None
    rank: Annotated[int, Field(ge=1, le=4096)] | None = None
    alpha: Annotated[float, Field(gt=0, le=100_000)] | None = None
    dropout: Annotated[float, Field(ge=0, lt=1)] | None = None


class Supervised(BaseModel):
    """Learning from rows."""

    hyperparameters: Hyperparameters = Hyperparameters()
    lora: LoraSettings = LoraSettings()


class TuningMethod(BaseModel):
    """Supervised alone."""

    type: Literal["supervised"]
    supervised: Supervised = Supervised()


class TuningRequest(BaseModel):
    """A model of the catalog and a file of rows; `suffix` begins the name of what comes of it."""

    model: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\W_][\w.-]*$")]
    training_file: Annotated[str, Field(max_length=512, pattern=r"^file-[0-9A-Za-z_-]+$")]
    validation_file: Short | None = None
    suffix: Annotated[str, Field(max_length=64, pattern=r"^([^\W_][\w.-]*)?$")] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    hyperparameters: Hyperparameters | None = None
    method: TuningMethod | None = None
    integrations: Annotated[list[Any], Field(max_length=20)] | None = None
    metadata: (
        Annotated[
            dict[Annotated[str, Field(max_length=64)], Short],
            Field(max_length=16),
        ]
        | None
    ) = None


class TuningError(BaseModel):
    """Why a job failed."""

    code: str
    message: str
    param: str | None = None


class TuningJob(BaseModel):
    """A training; times in unix seconds.

    `fine_tuned_model` is the name to ask the trained model by, null where it cannot be asked.
    """

    id: str
    object: Literal["fine_tuning.job"] = "fine_tuning.job"
    created_at: int
    finished_at: int | None
    estimated_finish: int | None
    model: str
    fine_tuned_model: str | None
    status: Status
    training_file: str
    validation_file: str | None = None
    hyperparameters: Hyperparameters
    method: TuningMethod
    trained_tokens: int | None
    result_files: list[str] = []
    organization_id: str = "surefoot"
    seed: int
    error: TuningError | None
    metadata: dict[str, str] | None


class TuningEvent(BaseModel):
    """A message, or how far the training was."""

    id: str
    object: Literal["fine_tuning.job.event"] = "fine_tuning.job.event"
    created_at: int
    level: Literal["info", "warn", "error"]
    message: str
    type: Literal["message", "metrics"]
    data: dict[str, Any] | None


class TuningMetrics(BaseModel):
    """What was measured at a step."""

    step: float
    train_loss: float | None = None
    valid_loss: float | None = None


class TuningCheckpoint(BaseModel):
    """A state that training can go on from; it answers nothing by itself."""

    id: str
    object: Literal["fine_tuning.job.checkpoint"] = "fine_tuning.job.checkpoint"
    created_at: int
    fine_tuning_job_id: str
    fine_tuned_model_checkpoint: str
    step_number: int
    metrics: TuningMetrics


def tuning_job(job: Job, out: Path, now_ns: int, model: str | None) -> TuningJob:
    """A job as OpenAI's clients read it; `out` is the folder of the training, `model` what asks its result."""
    asked, status = job.asked, _STATUS[job.state]
    last, seconds_left = None, None
    if job.state != "queued":
        try:
            found = job_state(out)
            last = found.last
            early = found.state in ("validating", "queued")
        except MissingError:
            early = True
        if status == "running" and early:
            status = "validating_files"
        seconds_left = last.seconds_left if last is not None and status == "running" else None
    settings = TuningMethod.model_validate(asked.get("method_asked") or {"type": "supervised"})
    done = status == "succeeded"
    return TuningJob(
        id=job.id,
        created_at=job.created_ns // _NS,
        finished_at=None if job.ended_ns is None else job.ended_ns // _NS,
        estimated_finish=None if seconds_left is None else int(now_ns / _NS + seconds_left),
        model=asked.get("base") or "",
        fine_tuned_model=model if done else None,
        status=status,
        training_file=asked["training_file"],
        hyperparameters=settings.supervised.hyperparameters,
        method=settings,
        trained_tokens=last.tokens if done and last is not None else None,
        seed=asked.get("seed", 0),
        error=_error(job) if status == "failed" else None,
        metadata=asked.get("metadata"),
    )


def tuning_events(job: Job, out: Path) -> list[TuningEvent]:
    """What the training has told, oldest first."""
    began = (job.started_ns or job.created_ns) // _NS
    return [
        TuningEvent(
            id=f"ftevent-{number}",
            created_at=began + int(event.seconds),
            level="error" if event.state == "failed" else "info",
            message=event.message or _said(event),
            type="metrics" if event.step else "message",
            data=_metrics(event) if event.step else None,
        )
        for number, event in enumerate(read_events(out), 1)
    ]


def tuning_checkpoints(job: Job, out: Path) -> list[TuningCheckpoint]:
    """The checkpoints that are kept now, oldest first."""
    events = [event for event in read_events(out) if event.step]
    return [
        TuningCheckpoint(
            id=f"ftckpt-{step}",
            created_at=int(file.stat().st_mtime),
            fine_tuning_job_id=job.id,
            fine_tuned_model_checkpoint=f"{job.asked['name']}:step-{step}",
            step_number=step,
            metrics=_measured(events, step),
        )
        for step, file in _kept(out)
    ]


def _kept(out: Path) -> Iterator[tuple[int, Path]]:
    found = (out / FOLDER).glob(f"checkpoint-*/{MANIFEST}")
    numbered = ((int(file.parent.name.rpartition("-")[2]), file) for file in found)
    yield from sorted(numbered)


def _measured(events: Sequence[Event], step: int) -> TuningMetrics:
    at = [event for event in events if event.step == step]
    train = next((event.loss for event in at if event.loss is not None), None)
    valid = next((event.dev_loss for event in at if event.dev_loss is not None), None)
    return TuningMetrics(step=step, train_loss=train, valid_loss=valid)


def _metrics(event: Event) -> dict[str, Any]:
    told = {"step": event.step, "total_steps": event.steps, "train_loss": event.loss}
    told |= {"valid_loss": event.dev_loss, "tokens": event.tokens}
    return {name: value for name, value in told.items() if value is not None}


def _said(event: Event) -> str:
    return f"step {event.step}/{event.steps}" if event.step else str(event.state)


def _error(job: Job) -> TuningError:
    message = job.error or "it was interrupted; POST /api/jobs/ID/resume goes on with it"
    return TuningError(code=job.state, message=message)
