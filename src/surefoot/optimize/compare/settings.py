"""What a comparison is to do, and what it tells while it does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from surefoot.core.budget import Budget
from surefoot.optimize.compare.rates import USUAL
from surefoot.optimize.compare.result import METHODS, Method
from surefoot.tune.events import Event
from surefoot.tune.export import NumberType

Doing = Literal["checking", "preparing", "training", "exporting", "asking", "measuring", "joining"]


@dataclass(frozen=True, slots=True)
class CompareSettings:
    """Which methods, with what effort.

    `model` is that of all arms; without it the one that the workspace's answer stage names. `metric` is what quality
    is; without it the eval set says. `epochs` and `train_tokens` are the effort of every trained arm: it ends with the
    first that is reached (`train_tokens` = 0: no limit). `shots` are the examples shown by `fewshot` and `nearest`.
    `thought_tokens` may be said before its answer by the arm that thinks.
    `rates` are the learning rates that each trained arm tries, as multiples of the usual one; the best is kept.
    `no_evidence` is the share of questions told again without the right passage in training for retrieval.
    `number_type` is that of the weights of all arms; `tolerance` the agreement from which an export is good, None for
    the product's own. `suites` says whether freshness and forgetting are measured too. `budget` stops the whole.
    """

    methods: tuple[Method, ...] = METHODS
    seeds: tuple[int, ...] = (1,)
    model: str = ""
    metric: str = ""
    budget: Budget = field(default_factory=Budget)
    epochs: float = 3.0
    train_tokens: int = 0
    rates: tuple[float, ...] = USUAL
    shots: int = 5
    thought_tokens: int = 160
    no_evidence: float = 0.25
    number_type: NumberType = "f16"
    tolerance: float | None = None
    suites: bool = True
    device: Literal["auto", "cpu", "cuda"] = "auto"
    command: str = ""
    continues: str = ""


DEFAULTS = CompareSettings()


@dataclass(frozen=True, slots=True)
class Moment:
    """How far a comparison is. `arm` is done of `arms`; `done` of `total` counts questions or steps.

    `event` is the latest of a training run; `seconds_left` is told from the forecast and from what was seen since.
    """

    doing: Doing
    what: str = ""
    arm: int = 0
    arms: int = 0
    done: int = 0
    total: int = 0
    event: Event | None = None
    elapsed_s: float = 0.0
    seconds_left: float | None = None


Watch = Callable[[Moment], None]


def unwatched(_: Moment) -> None:
    """For those who do not look."""
