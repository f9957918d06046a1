"""What surrounds a question, and what a stage promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from surefoot.core.errors import CapReached
from surefoot.core.roles.models import Wish
from surefoot.core.steps import Step
from surefoot.core.types import Turn, Usage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

Takes = Literal["query", "hits"]
Produces = Literal["query", "hits", "answer"]


@dataclass(slots=True)
class Meter:
    """Adds up what a question consumes; the one mutable thing that a call carries. Threads may add at once.

    `max_cost` is what endpoints with a price may cost in all, in US dollars; None is no limit. `stopped` says that one
    was not called for that.
    """

    usage: Usage = Usage()
    max_cost: float | None = None
    stopped: bool = False
    _lock: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    def add(self, usage: Usage) -> None:
        """Counts one more use."""
        with self._lock:
            self.usage = self.usage + usage

    @property
    def used_up(self) -> bool:
        """Whether no endpoint with a price may be called any more."""
        return self.max_cost is not None and self.usage.cost >= self.max_cost


@dataclass(frozen=True, slots=True)
class Call:
    """What surrounds a question: deadline, seed, clock, cost meter, and where streamed text goes.

    `deadline_s` is in the clock's seconds; None means no limit. `limit` is how many hits the caller
    wants of a search, over the solution's own setting. `on_step` is told of every stage that has run.
    `today` is the day from which `last month` is told; None leaves it to the documents. `answer` says whether an
    answer is wanted, or hits alone. `gone` says whether nobody waits for the answer any more.
    `key` is the id of the key that asked a server, for the trace. `wish` is what is wanted of this answer.
    """

    seed: int = 0
    limit: int | None = None
    deadline_s: float | None = None
    clock: Callable[[], float] = monotonic
    meter: Meter = field(default_factory=Meter)
    on_text: Callable[[str], None] | None = None
    on_step: Callable[[Step], None] | None = None
    today: date | None = None
    answer: bool = True
    gone: Callable[[], bool] | None = None
    key: str = ""
    wish: Wish = field(default_factory=Wish)

    def given(self, turn: Turn, stage: Stage) -> Turn:
        """The turn as a stage is given it: one that answers has no more passages than are wished for."""
        most = self.wish.passages
        if most is None or stage.produces != "answer" or len(turn.hits) <= most:
            return turn
        return replace(turn, hits=turn.hits[:most])

    def check_deadline(self) -> None:
        """Raises CapReached when the time is used up, or nobody waits any more."""
        if self.gone is not None and self.gone():
            raise CapReached("nobody waits for this answer any more")
        if self.deadline_s is not None and self.clock() > self.deadline_s:
            raise CapReached("the time allowed for this question is used up")


class Stage(Protocol):
    """Takes a turn and gives the next one; the same turn and settings give the same result.

    A stage class says what it `takes` (the query alone, or hits of a stage before it) and what it
    `produces`: a changed query (rewriting, filters), hits (searching, ranking, arranging) or the answer.
    """

    takes: ClassVar[Takes]
    produces: ClassVar[Produces]

    def __call__(self, turn: Turn, call: Call, /) -> Turn: ...
