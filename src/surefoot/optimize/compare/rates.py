"""The learning rates that each trained arm tries, as multiples of the usual one, and which of them is kept.

The usual rates were found on one small base. Another base, or rows of another kind, may want a lower one: a comparison
with a rate that is far off says nothing of the method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Literal

from surefoot.core.errors import ConfigError
from surefoot.tune.artefact import Trained
from surefoot.tune.chat.full import LEARNING_RATE
from surefoot.tune.chat.lora import LEARNING_RATES
from surefoot.tune.rows import TuningRows

USUAL: tuple[float, ...] = (1.0,)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One training of an arm, at `rate` times the usual learning rate, in its job's folder."""

    rate: float
    out: Path
    card: Trained


def learning_rate(kind: Literal["lora", "full"], rate: float) -> float | None:
    """The learning rate of a tuner at that multiple; None is its own."""
    usual = LEARNING_RATES["lora"] if kind == "lora" else LEARNING_RATE
    return None if rate == 1 else rate * usual


def check_rates(rates: Sequence[float], train: TuningRows | None) -> None:
    """Refuses what cannot be tried or chosen between.

    Raises:
        ConfigError: a rate is given twice, or is not above 0; or there are several and no dev rows to choose by.
    """
    if not rates or len(set(rates)) < len(rates) or not all(0 < rate < inf for rate in rates):
        raise ConfigError(
            "learning rates are multiples of the usual one, each above 0 and given once",
            where="--rates",
            hint="such as 1,0.125",
        )
    if len(rates) > 1 and train is not None and not train.of_split("dev"):
        raise ConfigError(
            "there are no dev rows to choose a learning rate by",
            where="--rates",
            hint="surefoot tune data sets some aside, or give one rate",
        )


def planned(rates: Sequence[float]) -> tuple[str, ...]:
    """What is to be said beforehand, where it is not as usual."""
    if tuple(rates) == USUAL:
        return ()
    listed = ", ".join(f"×{rate:g}" for rate in rates)
    if len(rates) == 1:
        return (f"every trained arm learns at {listed} of the usual learning rate",)
    return (
        f"every trained arm is trained at {listed} of the usual learning rate; "
        "the one that the dev rows like best answers",
    )


def kept(tried: Sequence[Attempt]) -> Attempt:
    """The attempt whose dev rows are likeliest; the first where there is one only."""
    return min(tried, key=lambda one: inf if one.card.dev_loss is None else one.card.dev_loss)


def told(tried: Sequence[Attempt]) -> tuple[str, ...]:
    """What came of several attempts; nothing of a single one."""
    if len(tried) < 2:
        return ()
    losses = ", ".join(f"×{one.rate:g}: {one.card.dev_loss:.3f}" for one in tried)
    chosen = kept(tried)
    return (
        f"{chosen.card.name}: kept ×{chosen.rate:g} of the usual learning rate (dev loss {losses})",
    )
