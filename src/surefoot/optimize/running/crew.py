"""Who asks: this process alone, or several that share the questions. Knows jobs and rows, no budget and no ledger."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from signal import SIG_IGN, SIGINT, signal
from typing import TYPE_CHECKING, Any, Protocol

from surefoot.config.registry import Registry
from surefoot.config.solution import Solution, parse_solution
from surefoot.core.errors import SurefootError
from surefoot.evaluate.rows import row_from_plain, row_to_plain
from surefoot.evaluate.scoring import Row
from surefoot.optimize.processes import end_process
from surefoot.optimize.running.asking import Asking, Setup

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

_IN_FLIGHT = 2
"""Jobs that a worker has at most: one that it does, one that waits so that it need not."""

_CLOSING_S = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Questions, by id, for a solution."""

    solution: Solution
    cases: tuple[str, ...]


class Crew(Protocol):
    """Takes jobs and does them. A question always goes to the same worker, where what it shares is kept."""

    @property
    def size(self) -> int:
        """How many processes ask."""
        ...

    def hand(self, solution: Solution, cases: Sequence[str], block: int, /) -> list[Job]:
        """Hands out the questions, at most `block` in a job."""
        ...

    def done(self, job: Job, /) -> list[Row]:
        """The rows of a job, when it is done.

        Raises:
            SurefootError: the worker died, twice.
        """
        ...

    def withdraw(self, jobs: Iterable[Job], /) -> list[Row]:
        """Takes back what was not begun; the rows of what was."""
        ...

    def close(self) -> None:
        """Ends the processes."""
        ...


class Alone:
    """This process asks, when the rows of a job are wanted."""

    size = 1

    def __init__(self, setup: Setup) -> None:
        self._asking = Asking(setup)

    def hand(self, solution: Solution, cases: Sequence[str], block: int, /) -> list[Job]:
        """Nothing is begun yet."""
        return [Job(solution, tuple(part)) for part in _blocks(cases, block)]

    def done(self, job: Job, /) -> list[Row]:
        """Asks now."""
        return list(self._asking.rows(job.solution, job.cases))

    def withdraw(self, jobs: Iterable[Job], /) -> list[Row]:
        """Nothing was begun."""
        del jobs
        return []

    def close(self) -> None:
        """Closes what was opened to ask."""
        self._asking.close()


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection[Any, Any]
    sent: deque[Job] = field(default_factory=deque)
    waiting: deque[Job] = field(default_factory=deque)
    replaced: bool = False


class Workers:
    """Several processes, each with its own models and indexes. One that dies is replaced once; `notes` says so."""

    def __init__(self, setup: Setup, size: int) -> None:
        self._setup = setup
        self._places = {case.id: place for place, case in enumerate(setup.evalset.cases)}
        self._made: dict[Job, list[Row]] = {}
        self._workers = [_Worker(*self._started()) for _ in range(size)]
        self.notes: list[str] = []

    @property
    def size(self) -> int:
        """How many processes ask."""
        return len(self._workers)

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes."""
        return [worker.process.pid or 0 for worker in self._workers]

    def hand(self, solution: Solution, cases: Sequence[str], block: int, /) -> list[Job]:
        """Each worker gets its share of the questions and begins at once."""
        jobs: list[Job] = []
        for place, worker in enumerate(self._workers):
            own = [name for name in cases if self._places[name] % self.size == place]
            made = [Job(solution, tuple(part)) for part in _blocks(own, block)]
            worker.waiting.extend(made)
            jobs += made
            self._feed(worker)
        return jobs

    def done(self, job: Job, /) -> list[Row]:
        """Waits for the rows of a job."""
        while job not in self._made:
            self._listen()
        return self._made.pop(job)

    def withdraw(self, jobs: Iterable[Job], /) -> list[Row]:
        """Waits for what was begun, so that it is not lost."""
        asked = list(jobs)
        idle = {job for worker in self._workers for job in worker.waiting}
        for worker in self._workers:
            worker.waiting = deque(job for job in worker.waiting if job not in asked)
        return [row for job in asked if job not in idle for row in self.done(job)]

    def close(self) -> None:
        """Ends the processes; one that does not end by itself is ended."""
        for worker in self._workers:
            worker.pipe.close()
        for worker in self._workers:
            end_process(worker.process, _CLOSING_S)

    def _started(self) -> tuple[BaseProcess, Connection[Any, Any]]:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(theirs, self._setup), daemon=True)
        process.start()
        theirs.close()
        return process, ours

    def _feed(self, worker: _Worker) -> None:
        while worker.waiting and len(worker.sent) < _IN_FLIGHT:
            job = worker.waiting.popleft()
            worker.sent.append(job)
            try:
                worker.pipe.send((job.solution.model_dump(mode="json", by_alias=True), job.cases))
            except OSError:
                return  # it died: listening finds out and replaces it

    def _listen(self) -> None:
        pipes = {id(worker.pipe): worker for worker in self._workers}
        for pipe in wait([worker.pipe for worker in self._workers]):
            worker = pipes[id(pipe)]
            try:
                said: Mapping[str, Any] = worker.pipe.recv()
            except (EOFError, OSError):
                self._replace(worker)
                continue
            if "problem" in said:
                raise SurefootError(said["problem"], where="a worker process")
            self._made[worker.sent.popleft()] = [row_from_plain(row) for row in said["rows"]]
            self._feed(worker)

    def _replace(self, worker: _Worker) -> None:
        worker.process.join(_CLOSING_S)
        code = worker.process.exitcode
        if worker.replaced:
            raise SurefootError(
                f"a worker process died twice (exit code {code})",
                where="--workers",
                hint="what is done is kept; try fewer workers, or one",
            )
        self.notes.append(f"a worker process died (exit code {code}) and was replaced")
        worker.replaced = True
        worker.pipe.close()
        worker.process, worker.pipe = self._started()
        worker.waiting.extendleft(reversed(worker.sent))
        worker.sent.clear()
        self._feed(worker)


def work(pipe: Connection[Any, Any], setup: Setup) -> None:
    """What a worker process does: asks what comes through the pipe, until it is closed."""
    signal(SIGINT, SIG_IGN)  # Ctrl-C is for the process that hands out the work; it closes the pipe
    registry = Registry()
    with Asking(setup) as asking:
        while True:
            try:
                plain, cases = pipe.recv()
            except EOFError:
                return
            try:
                solution = parse_solution(plain, registry)
                rows = [row_to_plain(row) for row in asking.rows(solution, cases)]
            except SurefootError as problem:
                pipe.send({"problem": str(problem)})
                continue
            pipe.send({"rows": rows})


def _blocks(cases: Sequence[str], block: int) -> list[Sequence[str]]:
    return [cases[at : at + block] for at in range(0, len(cases), block)]
