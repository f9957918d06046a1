"""The jobs of a workspace: one runs, the others wait in their order; each can be ended and gone on with.

Every long command of surefoot keeps what it has done and goes on when it is given again, so that is all that going on
takes. Jobs belong to the process that has the lock of their folder; what another one left behind is `interrupted`.
"""

from __future__ import annotations

import shutil
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Condition, RLock, Thread
from typing import Any, Final
from uuid import uuid4

from filelock import FileLock, Timeout

from surefoot.core.errors import ConfigError, TransientError
from surefoot.run.jobs.child import GRACE_S, Child, is_running
from surefoot.run.jobs.ending import ended
from surefoot.run.jobs.folder import WORK, JobFolder, Line
from surefoot.run.places import INNER
from surefoot.store.jobs import Job, JobBook, Progress, State

QUEUED: Final = 20
"""Jobs that wait; the next one is refused."""
KEPT: Final = 500
"""Jobs that are remembered."""
_LOCK: Final = ".lock"
_POLL_S: Final = 0.1


class Jobs:
    """Runs commands for a workspace. Safe to use from several threads.

    `offline` keeps them from the network, whatever their settings say.
    """

    def __init__(
        self,
        root: Path,
        ledger: str = "",
        *,
        offline: bool = False,
        clock_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._root = root
        self._surroundings = {"SUREFOOT_OFFLINE": "true"} if offline else {}
        self._folder = root / INNER / WORK
        self._book = JobBook.at(root / INNER, ledger)
        self._clock_ns = clock_ns
        self._lock = RLock()
        self._ready = Condition(self._lock)
        self._claim: FileLock | None = None
        self._queue: deque[str] = deque()
        self._thread: Thread | None = None
        self._active = ""
        self._running: tuple[str, Child] | None = None
        self._cancelled: set[str] = set()
        self._progress: dict[str, Progress] = {}
        self._closing = False

    def new_folder(self, prefix: str = "job") -> Path:
        """A folder for a job to come, for what its command reads; its name is the id of the job."""
        folder = self._folder / f"{prefix}-{uuid4().hex}"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        return folder

    def start(
        self, folder: Path, kind: str, words: Sequence[str], asked: Mapping[str, Any], owner: str
    ) -> Job:
        """Puts a command into the queue; `folder` is one of `new_folder`.

        Raises:
            TransientError: too many wait.
            ConfigError: another process runs the jobs of this workspace.
        """
        job = Job(folder.name, kind, tuple(words), self._clock_ns(), asked=asked, owner=owner)
        with self._lock:
            self._own()
            self._forget_oldest()
            return self._enqueue(job)

    def resume(self, id: str, words: Sequence[str] = ()) -> Job:
        """Puts a job that has ended into the queue again, with other words where some are given.

        Raises:
            MissingError: there is none.
            ConfigError: it has not ended, or another process runs the jobs of this workspace.
        """
        with self._lock:
            self._own()
            job = self._book.get(id)
            _check_ended(job)
            again = replace(
                job, state="queued", ended_ns=None, exit_code=None, error="", progress=None
            )
            return self._enqueue(replace(again, words=tuple(words) or job.words))

    def cancel(self, id: str) -> Job:
        """Ends a job as Ctrl-C does; one that has ended stays as it is. It is `cancelled` once its process is gone.

        Raises:
            MissingError: there is none.
        """
        with self._lock:
            job = self.get(id)
            if not job.is_going:
                return job
            self._own()
            if id in self._queue:
                self._queue.remove(id)
                job = replace(job, state="cancelled", ended_ns=self._clock_ns())
                self._book.put(job)
                return job
            self._cancelled.add(id)
            if self._running is not None and self._running[0] == id:
                self._running[1].interrupt()
            return job

    def forget(self, id: str) -> None:
        """Deletes a job that has ended, with all that it told and printed.

        Raises:
            MissingError: there is none.
            ConfigError: it has not ended.
        """
        with self._lock:
            _check_ended(self.get(id))
            self._drop([id])

    def foresee(
        self, folder: Path, words: Sequence[str], stop: Callable[[], bool]
    ) -> tuple[int, Any]:
        """The exit code of a command that runs beside the queue, and the JSON that it printed.

        `folder` is one of `new_folder`. It is interrupted as soon as `stop` says so.
        """
        place = JobFolder(folder)
        child = self._begun(words, place)
        Thread(target=deque, args=(child.told(), 0), daemon=True).start()
        while child.is_going:
            if stop():
                child.interrupt()
                break
            time.sleep(_POLL_S)
        return child.wait(), place.result()

    def all(self) -> list[Job]:
        """Every job, oldest first."""
        with self._lock:
            self._take()
            return [self._now(job) for job in self._book.all()]

    def get(self, id: str) -> Job:
        """A job as it stands now; raises MissingError."""
        with self._lock:
            self._take()
            return self._now(self._book.get(id))

    def ahead(self, id: str) -> int:
        """How many jobs come before it: the one that runs, and those that wait longer."""
        with self._lock:
            if id not in self._queue:
                return 0
            return self._queue.index(id) + bool(self._active)

    def lines(self, id: str, after: int = 0) -> list[Line]:
        """What a job told after the line of this number."""
        return JobFolder(self._folder / self._book.get(id).id).lines(after)

    def result(self, id: str) -> Any:
        """The JSON that its command printed; None before its end."""
        job = self.get(id)
        return None if job.is_going else JobFolder(self._folder / job.id).result()

    def close(self) -> None:
        """Interrupts what runs and waits for its end; it and what was queued can be gone on with."""
        with self._lock:
            self._closing = True
            for id in self._queue:
                self._book.put(
                    replace(self._book.get(id), state="interrupted", ended_ns=self._clock_ns())
                )
            self._queue.clear()
            if self._running is not None:
                self._running[1].interrupt()
            self._ready.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(2 * GRACE_S)
        self._book.close()
        if self._claim is not None:
            self._claim.release()

    def _begun(self, words: Sequence[str], place: JobFolder) -> Child:
        return Child(words, self._root, place.printed, self._surroundings)

    def _enqueue(self, job: Job) -> Job:
        if len(self._queue) >= QUEUED:
            raise TransientError(f"{QUEUED} jobs wait already", hint="cancel some, or wait")
        self._book.put(job)
        self._cancelled.discard(job.id)
        self._queue.append(job.id)
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._work, name="surefoot-jobs", daemon=True)
            self._thread.start()
        self._ready.notify_all()
        return job

    def _now(self, job: Job) -> Job:
        told = self._progress.get(job.id)
        return replace(job, progress=told) if told is not None and job.is_going else job

    def _own(self) -> None:
        """The jobs are ours to run; raises ConfigError."""
        if self._closing:
            raise ConfigError("the server ends", hint="try again when it is back")
        if not self._take():
            raise ConfigError(
                "another process runs the jobs of this workspace",
                where=str(self._folder),
                hint="ask that server, or end it",
            )

    def _take(self) -> bool:
        """Takes the lock where nobody has it; what its last holder left is interrupted."""
        if self._claim is not None:
            return True
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        claim = FileLock(self._folder / _LOCK, timeout=0, thread_local=False)
        try:
            claim.acquire()
        except Timeout:
            return False
        self._claim = claim
        for job in self._book.all():
            if job.is_going:
                left = replace(job, state="interrupted", ended_ns=self._clock_ns())
                self._book.put(replace(left, error="its server ended; it can be resumed"))
        return True

    def _forget_oldest(self) -> None:
        ended_ones = [job.id for job in self._book.all() if not job.is_going]
        if extra := ended_ones[: max(0, len(ended_ones) - KEPT + 1)]:
            self._drop(extra)

    def _drop(self, ids: Sequence[str]) -> None:
        self._book.drop(ids)
        for id in ids:
            shutil.rmtree(self._folder / id, ignore_errors=True)

    def _work(self) -> None:
        """Runs what waits, one after another, until the end."""
        while True:
            with self._ready:
                while not self._queue and not self._closing:
                    self._ready.wait()
                if self._closing:
                    return
                job = self._book.get(self._queue.popleft())
                job = replace(job, state="running", started_ns=self._clock_ns())
                self._active = job.id
                self._book.put(job)
            self._run(job)

    def _run(self, job: Job) -> None:
        self._await_former(job)
        place = JobFolder(self._folder / job.id)
        try:
            child = self._begun(job.words, place)
        except OSError as problem:
            self._end(replace(job, state="failed", error=f"could not be begun: {problem}"))
            return
        job = replace(job, pid=child.pid)
        with self._lock:
            self._book.put(job)
            self._running = (job.id, child)
            if self._closing or job.id in self._cancelled:
                child.interrupt()
        last = ""
        for told in child.told():
            progress = place.add(told)
            if progress is not None:
                self._progress[job.id] = progress
            else:
                last = told
        code = child.wait()
        stopped: State | None = "interrupted" if self._closing else None
        stopped = "cancelled" if job.id in self._cancelled else stopped
        state, error = ended(code, place.result(), last, stopped)
        self._end(replace(job, state=state, error=error, exit_code=code))

    def _end(self, job: Job) -> None:
        with self._lock:
            self._active, self._running = "", None
            told = self._progress.pop(job.id, None)
            self._book.put(replace(job, ended_ns=self._clock_ns(), progress=told))

    def _await_former(self, job: Job) -> None:
        """A server that was killed may have left a child that still ends; two never work at once."""
        pids = [one.pid for one in self._book.all() if one.state == "interrupted"]
        until = time.monotonic() + GRACE_S + 1
        former = [pid for pid in (*pids, job.pid) if is_running(pid)]
        while any(map(is_running, former)) and time.monotonic() < until:
            time.sleep(_POLL_S)


def _check_ended(job: Job) -> None:
    if job.is_going:
        raise ConfigError(f"the job is {job.state}", where=job.id, hint="cancel it first")
