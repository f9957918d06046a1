"""How a job is told."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel

from surefoot.run.jobs import Jobs, Line
from surefoot.store.jobs import Job, Progress, State


class ToldProgress(BaseModel):
    """How far it is: `total` 0 is unknown, `seconds_left` at the pace so far; the losses are those of a training."""

    title: str
    done: int
    total: int
    detail: str
    seconds_left: float | None
    loss: float | None
    dev_loss: float | None


class OwnJob(BaseModel):
    """A job: times in unix nanoseconds as text; `ahead` jobs come before it; `command` does the same in a shell.

    `exit_code` 5 of one that is done says that something was left out or that a limit was reached.
    """

    id: str
    kind: str
    command: str
    state: State
    ahead: int
    created_ns: str
    started_ns: str | None
    ended_ns: str | None
    exit_code: int | None
    error: str
    progress: ToldProgress | None
    resumable: bool


class WholeJob(OwnJob):
    """A job with what was asked for and, at its end, the JSON that the command printed."""

    asked: dict[str, Any]
    result: Any


class ToldLine(BaseModel):
    """A note, or how far the job was."""

    number: int
    note: str
    progress: ToldProgress | None


class ToldLines(BaseModel):
    """What a job told; `next` is what to give as `after` for what follows."""

    data: list[ToldLine]
    next: int


class Foreseen(BaseModel):
    """What a job will take, as its command says it; `exit_code` is not 0 where it cannot be done so."""

    command: str
    exit_code: int
    forecast: Any


def said(words: tuple[str, ...] | list[str]) -> str:
    """The command line, to be given in the folder of the workspace."""
    return shlex.join(["surefoot", *words])


def own_job(job: Job, jobs: Jobs) -> OwnJob:
    """A job as it is told in lists."""
    return OwnJob(**_told(job, jobs))


def whole_job(job: Job, jobs: Jobs) -> WholeJob:
    """A job with all there is."""
    return WholeJob(**_told(job, jobs), asked=dict(job.asked), result=jobs.result(job.id))


def told_line(line: Line) -> ToldLine:
    """Something that a job told."""
    return ToldLine(number=line.number, note=line.note, progress=told_progress(line.progress))


def told_progress(progress: Progress | None) -> ToldProgress | None:
    """How far it is."""
    return None if progress is None else ToldProgress(**asdict(progress))


def _told(job: Job, jobs: Jobs) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "command": said(job.words),
        "state": job.state,
        "ahead": jobs.ahead(job.id),
        "created_ns": str(job.created_ns),
        "started_ns": _text(job.started_ns),
        "ended_ns": _text(job.ended_ns),
        "exit_code": job.exit_code,
        "error": job.error,
        "progress": told_progress(job.progress),
        "resumable": not job.is_going,
    }


def _text(moment_ns: int | None) -> str | None:
    return None if moment_ns is None else str(moment_ns)
