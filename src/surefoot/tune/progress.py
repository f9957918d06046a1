"""Turns what a Trainer of transformers says into events, and keeps account of what it takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from surefoot.tune.artefact import Expense
from surefoot.tune.events import Event
from surefoot.tune.memory import peak_mib
from surefoot.tune.spec import Tell
from surefoot.tune.spending import Spending

Clock = Callable[[], float]


def progress_callback(
    out: Path,
    tell: Tell,
    tokens: Callable[[], int],
    *,
    began: float,
    rank: int = 0,
    clock: Clock = time.perf_counter,
) -> Any:
    """A TrainerCallback: an event for each log and each look at the dev rows.

    `tokens()` are those trained so far; `began` is when the work began, loading included: the account
    counts from there.
    """
    from transformers import TrainerCallback

    spending = Spending(out, rank)
    trainable = [0]

    class Progress(TrainerCallback):  # type: ignore[misc]
        first_step, first_time = 0, began

        def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            del args, control
            self.first_step, self.first_time = state.global_step, clock()
            parameters = more["model"].parameters() if more.get("model") is not None else ()
            trainable[0] = sum(part.numel() for part in parameters if part.requires_grad)
            self._say(state, Event(message=f"{trainable[0]:,} numbers are trained"))

        def on_log(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            del args, control
            logs = more.get("logs") or {}
            if "loss" in logs:
                rate = logs.get("learning_rate")
                self._say(state, Event(loss=logs["loss"], learning_rate=rate))

        def on_evaluate(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            del args, control
            loss = (more.get("metrics") or {}).get("eval_loss")
            self._say(state, Event(dev_loss=loss))

        def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            del args, control, more
            self._keep(state)

        def _say(self, state: Any, event: Event) -> None:
            self._keep(state)
            done = {
                "seconds": clock() - self.first_time,
                "step": state.global_step,
                "steps": state.max_steps,
                "first_step": self.first_step,
                "epoch": state.epoch or 0.0,
                "tokens": tokens(),
                "peak_mib": peak_mib(),
            }
            tell(event.model_copy(update=done))

        def _keep(self, state: Any) -> None:
            spending.keep(
                Expense(
                    wall_s=clock() - began,
                    cpu_s=time.process_time(),
                    peak_mib=peak_mib(),
                    device_peak_mib=_device_peak_mib(),
                    train_tokens=tokens(),
                    steps=state.global_step - self.first_step,
                    trainable=trainable[0],
                )
            )

    return Progress()


def _device_peak_mib() -> float:
    import torch

    if not torch.cuda.is_available():
        return 0.0
    return float(torch.cuda.max_memory_allocated()) / 2**20
