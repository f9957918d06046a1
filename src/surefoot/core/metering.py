"""Tells the meter of the running question what models read for it. A model needs no hand on the question for that.

Threads of `pmap` count for the question that started them; without a question nothing is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from surefoot.core.errors import CapReached, ConfigError
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


def tokens_read(count: int, *, dollars: float | None = 0.0) -> None:
    """Counts tokens that an encoder or reranker has read, as it read them: cut, with prefix and special tokens.

    `dollars` is what they cost at an endpoint with a price; None where its price is not known.
    """
    meter = _running.get()
    if meter is not None:
        unpriced = 1 if dollars is None else 0
        meter.add(Usage(encoder_tokens=count, cost=dollars or 0.0, unpriced=unpriced))


def may_spend(price: float | None, *, where: str) -> None:
    """To be called before an endpoint is: one with a price is not called once the running question's money is used up.

    Raises:
        CapReached: what it may cost is reached.
        ConfigError: money is limited, and its price is not known (None).
    """
    meter = _running.get()
    if meter is None or meter.max_cost is None:
        return
    if price is None:
        raise ConfigError(
            "its price is not known, so what a question may cost cannot be kept",
            where=where,
            hint="set its price, 0 if it costs nothing: prompt_price and completion_price, or price",
        )
    if price > 0 and meter.used_up:
        meter.stopped = True
        raise CapReached(
            f"{meter.usage.cost:.4f} of {meter.max_cost:g} US dollars are used up",
            where=where,
            hint="what is done is kept; allow more with --max-cost",
        )
