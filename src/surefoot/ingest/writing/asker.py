"""Asks a chat model what is missing, within a budget, and keeps every reply at once. Knows no documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from surefoot.core.budget import Budget, BudgetMeter
from surefoot.core.crash import crash_point
from surefoot.core.errors import CapReached, ConfigError
from surefoot.core.roles import Call, Meter
from surefoot.core.types import Expense, Usage
from surefoot.ingest.writing.desk import Desk, Task
from surefoot.models.asking import Heard, hear
from surefoot.store.replies import KeptReply

FAILURES = 3
"""So many requests in a row that are not answered in time end the asking."""
_NO_LIMIT = Budget()


@dataclass(frozen=True, slots=True)
class Timed:
    """What one call took: seconds until the first words (the prompt is read) and from then on (it is written)."""

    usage: Usage
    reading_s: float
    writing_s: float


@dataclass(slots=True)
class Count:
    """What was asked so far. `failed` calls gave no reply and are not tried again; `seconds` are those of all calls."""

    asked: int = 0
    failed: int = 0
    seconds: float = 0.0


class Asker:
    """Asks tasks one by one, from any number of threads. Once it has `stopped`, nothing more is asked.

    `stopped` says why in words: the budget is used up (`capped`), or the model is out of reach. `begun` holds the ids
    of documents that were begun with before their turn.
    """

    def __init__(
        self, desk: Desk, budget: Budget = _NO_LIMIT, clock: Callable[[], float] = monotonic
    ) -> None:
        self.desk = desk
        self.meter = Meter()
        self.begun: set[str] = set()
        self.count = Count()
        self.stopped = ""
        self.capped = False
        self._limit = BudgetMeter(budget, clock=clock)
        self._clock = clock
        self._unreached = 0
        self._lock = Lock()

    @property
    def is_spent(self) -> bool:
        """Whether nothing more is asked, because it has stopped or the budget has no room for a call."""
        try:
            self._limit.check(Expense(usage=Usage(calls=1)))
        except CapReached as problem:
            self._stop(problem.message, capped=True)
        return bool(self.stopped)

    def ask(self, task: Task) -> Timed | None:
        """Asks and keeps the reply, or why there is none; None where it may be asked at another time."""
        try:
            if self.stopped:
                return None
            self._limit.check(Expense(usage=Usage(calls=1)))
            heard, timed = self._heard(task)
        except CapReached as problem:
            self._stop(problem.message, capped=True)
            return None
        except ConfigError as problem:
            self._stop(str(problem))
            return None
        with self._lock:
            self.count.seconds += timed.reading_s + timed.writing_s
        if heard.again:
            self._not_now(heard.problem)
            return None
        self._keep(task, heard, timed)
        return timed

    def _heard(self, task: Task) -> tuple[Heard, Timed]:
        model = self.desk.model(task.writer.model)
        left = self._limit.left().wall_s
        began = first = self._clock()
        deadline = None if left is None else began + left
        begun = False

        def listen(text: str) -> None:
            nonlocal first, begun
            if text and not begun:
                first, begun = self._clock(), True

        call = Call(deadline_s=deadline, clock=self._clock, meter=self.meter)
        heard = hear(model, task.request.messages, task.request.sampling, call, listen)
        ended = self._clock()
        first = first if begun else ended
        return heard, Timed(heard.usage, first - began, ended - first)

    def _keep(self, task: Task, heard: Heard, timed: Timed) -> None:
        usage = heard.usage
        self._limit.add(Expense(usage=Usage(cost=usage.cost, calls=1, unpriced=usage.unpriced)))
        with self._lock:
            self._unreached = 0
            self.count.asked += 1
            self.count.failed += bool(heard.problem)
        crash_point("writing.asked")
        self.desk.book.keep(
            task.key,
            KeptReply(
                heard.text,
                heard.problem,
                heard.cut,
                usage.prompt_tokens,
                usage.completion_tokens,
                usage.cost,
                timed.reading_s + timed.writing_s,
            ),
        )
        crash_point("writing.kept")

    def _not_now(self, problem: str) -> None:
        with self._lock:
            self._unreached += 1
            lost = self._unreached >= FAILURES
        try:
            self._limit.check()
        except CapReached as cap:
            self._stop(cap.message, capped=True)
            return
        if lost:
            self._stop(problem)

    def _stop(self, why: str, *, capped: bool = False) -> None:
        self.stopped, self.capped = why, capped
