"""Says before a training what it will take: memory by counting, time by trying one step."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from surefoot.core.errors import DataError
from surefoot.tune.chat.batches import micro_batches
from surefoot.tune.chat.settings import ChatTunerSettings
from surefoot.tune.memory import available_mib, peak_mib

_OPTIMIZER_BYTES = 12  # gradient and two moments in float32
_WORDS_PER_LAYER = 24  # values kept for the way back, a token and layer, in widths of the model


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is ahead. `mib` is what the training adds to what this process holds already."""

    steps: int
    tokens: int
    trainable: int
    mib: float


@dataclass(frozen=True, slots=True)
class Paced:
    """A forecast at the pace of a step that was tried; `mib` is of the whole process."""

    steps: int
    tokens: int
    trainable: int
    mib: float
    tokens_per_s: float

    @classmethod
    def of(cls, ahead: Forecast, tokens_per_s: float) -> Paced:
        """With what this process holds already."""
        mib = ahead.mib + peak_mib()
        return cls(ahead.steps, ahead.tokens, ahead.trainable, mib, tokens_per_s)

    @property
    def seconds(self) -> float:
        """Of the training itself."""
        return self.tokens / self.tokens_per_s

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "seconds": self.seconds}

    def summary(self) -> str:
        """In a sentence."""
        return (
            f"{self.steps} steps, {self.tokens:,} tokens, {self.trainable:,} numbers trained: about "
            f"{self.seconds / 60:.1f} minutes at {self.tokens_per_s:.0f} tokens/s, and {self.mib:,.0f} MiB"
        )


def forecast(
    trainer: Any, lengths: Sequence[int], settings: ChatTunerSettings, processes: int = 1
) -> Forecast:
    """Counts steps, tokens and memory; rows on the processor only count here, a device has memory of its own."""
    model = trainer.model
    trainable = sum(part.numel() for part in model.parameters() if part.requires_grad)
    config = model.config.get_text_config()
    widths = _WORDS_PER_LAYER * config.num_hidden_layers * config.hidden_size
    at_once = max(settings.micro_tokens, max(lengths))
    size = 2 if trainer.args.bf16 else 4
    activations = at_once * size * (widths + 2 * config.vocab_size)
    per_epoch = math.ceil(len(lengths) / settings.step_rows(len(lengths), processes))
    return Forecast(
        steps=math.ceil(per_epoch * settings.epochs),
        tokens=round(sum(lengths) * settings.epochs),
        trainable=trainable,
        mib=(trainable * _OPTIMIZER_BYTES + activations) / 2**20,
    )


def check_memory(ahead: Forecast, name: str) -> None:
    """Refuses what would not fit.

    Raises:
        DataError: naming what is needed and what is free.
    """
    there = available_mib()
    if there is not None and ahead.mib > there:
        raise DataError(
            f"needs about {ahead.mib:,.0f} MiB more, and {there:,.0f} are free",
            where=name,
            hint="lower micro_tokens, train an adapter instead of all weights, or take a smaller base",
        )


def try_step(trainer: Any, clock: Callable[[], float] = time.perf_counter) -> float:
    """Tokens a second on the first micro-batch, twice, the second counted; nothing is learnt from it.

    The state of random numbers is as before.
    """
    import torch

    rows = [trainer.train_dataset[at] for at in range(min(len(trainer.train_dataset), 8))]
    batch = trainer.data_collator(rows)
    part = micro_batches(batch, trainer.chat.micro_tokens, packing=trainer.chat.packing)[0]
    model, taken = trainer.model, 0.0
    model.to(trainer.args.device)
    with torch.random.fork_rng():
        for _ in range(2):
            began = clock()
            model.train()
            inputs = trainer._prepare_inputs(part)
            with trainer.compute_loss_context_manager():
                loss = trainer.compute_loss(model, inputs)
            loss.backward()
            taken = clock() - began
    model.zero_grad()
    return float(part["input_ids"].numel()) / max(taken, 1e-9)
