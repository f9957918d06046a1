"""What the tuners of chat models are told in common."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from surefoot.config.base import PartSettings


class ChatTunerSettings(PartSettings):
    """How long, how fast and on how much at once; the effective batch is `batch` rows on any machine."""

    epochs: PositiveFloat = 3.0
    learning_rate: PositiveFloat | None = Field(
        default=None, description="None takes what was measured to be good for the method"
    )
    warmup_share: float = Field(default=0.05, ge=0, lt=1)
    batch: PositiveInt = Field(default=8, description="rows of one step, of all processes together")
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
