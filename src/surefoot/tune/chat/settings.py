"""What the tuners of chat models are told in common."""

from __future__ import annotations

from math import ceil
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from surefoot.config.base import PartSettings

_MOST_ROWS, _ENOUGH_STEPS = 8, 200


class ChatTunerSettings(PartSettings):
    """How long, how fast and on how much at once; one step learns from the same number of rows on any machine."""

    epochs: PositiveFloat = 3.0
    learning_rate: PositiveFloat | None = Field(
        default=None, description="None takes what was measured to be good for the method"
    )
    warmup_share: float = Field(default=0.05, ge=0, lt=1)
    batch: PositiveInt | None = Field(
        default=None,
        description="rows of one step, of all processes together; None is 8, halved while that gives under 200 steps",
    )
    max_tokens: PositiveInt = Field(default=1024, description="rows above it would be cut")
    long_share: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="share of rows above max_tokens that is left out, named; more is an error",
    )
    micro_tokens: PositiveInt = Field(
        default=1024, description="tokens, padding included, that are in memory at once"
    )
    packing: bool = Field(
        default=False, description="rows of a micro-batch end to end, each seeing itself alone"
    )
    evals_per_epoch: PositiveInt = Field(
        default=1, description="how often the dev rows are asked and a checkpoint is kept"
    )
    patience: NonNegativeInt = Field(
        default=3, description="looks at the dev rows without a gain before it stops; 0 = never"
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto", description="auto is bfloat16 where the processor or device has it"
    )

    def step_rows(self, rows: int, processes: int = 1) -> int:
        """How many of `rows` one step learns from, a multiple of `processes`.

        Few rows in large batches are few steps, too few to learn a task: measured in docs/benchmarks/methods.md.
        """
        if self.batch is not None:
            return self.batch
        size = _MOST_ROWS
        while size > 1 and rows * self.epochs / size < _ENOUGH_STEPS:
            size //= 2
        return ceil(size / processes) * processes
