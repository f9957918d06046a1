"""A job as it runs, as server-sent events: `state`, `line`, `progress`, and `done` at its end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from surefoot.run.jobs import Jobs, Line
from surefoot.serve.own.jobs.shapes import OwnJob, own_job, told_line

_POLL_S: Final = 0.3
_QUIET_S: Final = 15.0


async def job_events(
    jobs: Jobs, id: str, after: int, stopping: Callable[[], bool]
) -> AsyncIterator[str]:
    """What a job tells from the line after this one on, until it has ended or the server ends.

    `state` comes with each change, `progress` where it has moved; the id of a `line` is its number, so that a browser
    that comes back goes on behind it. A comment keeps the connection open where nothing is told.
    """
    state: tuple[str, int] | None = None
    progress: Any = None
    quiet = 0.0
    while True:
        job, lines = await run_in_threadpool(_now, jobs, id, after)
        told = ""
        if state != (job.state, job.ahead):
            state = job.state, job.ahead
            told += _event("state", job.model_dump())
        for line in lines:
            after = line.number
            told += f"id: {after}\n" + _event("line", told_line(line).model_dump())
        if job.progress is not None and job.progress != progress:
            progress = job.progress
            told += _event("progress", progress.model_dump())
        if job.resumable:
            yield told + _event("done", job.model_dump())
            return
        if stopping():
            return
        quiet = 0.0 if told else quiet + _POLL_S
        if told or quiet >= _QUIET_S:
            quiet = 0.0
            yield told or ": still here\n\n"
        await asyncio.sleep(_POLL_S)


def _now(jobs: Jobs, id: str, after: int) -> tuple[OwnJob, list[Line]]:
    """How it stands, read first, so that no line of a job that has ended is missed."""
    job = own_job(jobs.get(id), jobs)
    return job, jobs.lines(id, after)


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
