"""Begins, foresees and resumes jobs for a principal; what the routes of all protocols share."""

from __future__ import annotations

import shutil
from time import monotonic
from typing import Any

from surefoot.run.jobs import Jobs
from surefoot.serve.desk import Gone
from surefoot.serve.holdings import holdings
from surefoot.serve.own.jobs.kinds import AnyJob
from surefoot.serve.own.jobs.ordering import FORESEEN, words_of
from surefoot.serve.own.jobs.shapes import Foreseen, said
from surefoot.serve.problems import Refused
from surefoot.serve.who import Principal
from surefoot.store.jobs import Job


def begin(body: AnyJob, who: Principal, prefix: str = "job", **asked: Any) -> Job:
    """Puts a job into the queue of the principal's tenant; `asked` is kept with the body.

    Raises:
        SurefootError: what it names is not there, or the queue is full.
    """
    jobs = who.tenant.jobs
    folder, begun = jobs.new_folder(prefix), False
    try:
        words = words_of(body, who, folder)
        kept = body.model_dump(mode="json") | asked
        job = jobs.start(folder, body.kind, words, kept, owner_of(who))
        begun = True
    finally:
        if not begun:
            shutil.rmtree(folder, ignore_errors=True)
    return job


def foresee(body: AnyJob, who: Principal, timeout_s: float, gone: Gone) -> Foreseen:
    """What a job will take, said by its command beside the queue; it is ended when the asker has gone.

    Raises:
        Refused: 400, the kind foresees nothing; 504, it took too long.
        SurefootError: what it names is not there.
    """
    if body.kind not in FORESEEN:
        known = ", ".join(FORESEEN)
        raise Refused(400, f"{body.kind} says nothing beforehand; {known} do", param="kind")
    jobs, until = who.tenant.jobs, monotonic() + timeout_s
    folder = jobs.new_folder("forecast")

    def stop() -> bool:
        return gone() or monotonic() > until

    try:
        words = [*words_of(body, who, folder), *FORESEEN[body.kind]]
        code, forecast = jobs.foresee(folder, words, stop)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if code and stop():
        raise Refused(504, "the forecast took too long", code="cap")
    return Foreseen(command=said(words), exit_code=code, forecast=forecast)


def resume(jobs: Jobs, id: str) -> Job:
    """Goes on with a job that has ended: the same command, of an evaluation that a limit ended with what it kept."""
    job = jobs.get(id)
    words = list(job.words)
    if job.kind == "evaluate" and "--continue" not in words and not job.is_going:
        found = jobs.result(id)
        run = found.get("run") if isinstance(found, dict) and found.get("stopped") else None
        words += ["--continue", str(run)] if run else []
    return jobs.resume(id, words)


def owner_of(who: Principal) -> str:
    """Whose what it begins is."""
    with holdings(who) as held:
        return held.owner
