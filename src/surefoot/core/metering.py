"""Tells the meter of the running question what models read for it. A model needs no hand on the question for that.

Threads of `pmap` count for the question that started them; without a question nothing is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from surefoot.core.errors import CapReached
from surefoot.core.roles.stages import Meter
from surefoot.core.types import Usage

_running: ContextVar[Meter | None] = ContextVar("surefoot_meter", default=None)


@contextmanager
def metered(meter: Meter) -> Iterator[None]:
    """What models read inside counts on this meter."""
    before = _running.set(meter)
    try:
        yield
    finally:
        _running.reset(before)


@contextmanager
def unmetered() -> Iterator[None]:
    """What models read inside counts for no question: it is kept for all of them, or is counted otherwise."""
    before = _running.set(None)
    try:
        yield
    finally:
        _running.reset(before)


def tokens_read(count: int, *, dollars: float = 0.0) -> None:
    """Counts tokens that an encoder or reranker has read, as it read them: cut, with prefix and special tokens.

    `dollars` is what they cost at an endpoint with a price.
    """
    meter = _running.get()
    if meter is not None:
        meter.add(Usage(encoder_tokens=count, cost=dollars))


def may_spend(price: float, *, where: str) -> None:
    """To be called before an endpoint is: one with a price is not called once the running question's money is used up.

    Raises:
        CapReached: what it may cost is reached.
    """
    meter = _running.get()
    if price > 0 and meter is not None and meter.used_up:
        meter.stopped = True
        raise CapReached(
            f"{meter.usage.cost:.4f} of {meter.max_cost:g} US dollars are used up",
            where=where,
            hint="what is done is kept; allow more with --max-cost",
        )
