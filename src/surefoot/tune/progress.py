"""Turns what a Trainer of transformers says into events, and keeps account of what it takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from surefoot.tune.artefact import Expense
from surefoot.tune.events import Event
from surefoot.tune.memory import peak_mib
from surefoot.tune.spec import Tell
from surefoot.tune.spending import Spending

Clock = Callable[[], float]


class Progress:
    """Tells how far a training is, and writes down what it took so far.

    `tokens()` are those trained so far; `began` is when the work began, loading included: the account counts from
    there, the pace from the first step.
    """

    def __init__(
        self,
        out: Path,
        tell: Tell,
        tokens: Callable[[], int],
        *,
        began: float,
        rank: int = 0,
        clock: Clock = time.perf_counter,
    ) -> None:
        self._spending = Spending(out, rank)
        self._tell, self._tokens, self._clock = tell, tokens, clock
        self._began = self._first_time = began
        self._first_step = self._trainable = 0

    def begin(self, state: Any, parameters: Iterable[Any]) -> None:
        """The first step of this process comes next."""
        self._first_step, self._first_time = state.global_step, self._clock()
        self._trainable = sum(part.numel() for part in parameters if part.requires_grad)
        self.say(state, Event(message=f"{self._trainable:,} numbers are trained"))

    def say(self, state: Any, event: Event) -> None:
        """The event with how far it is."""
        self.keep(state)
        done = {
            "seconds": self._clock() - self._first_time,
            "step": state.global_step,
            "steps": state.max_steps,
            "first_step": self._first_step,
            "epoch": state.epoch or 0.0,
            "tokens": self._tokens(),
            "peak_mib": peak_mib(),
        }
        self._tell(event.model_copy(update=done))

    def keep(self, state: Any) -> None:
        """Writes down what it took so far."""
        self._spending.keep(
            Expense(
                wall_s=self._clock() - self._began,
                cpu_s=time.process_time(),
                peak_mib=peak_mib(),
                device_peak_mib=_device_peak_mib(),
                train_tokens=self._tokens(),
                steps=state.global_step - self._first_step,
                trainable=self._trainable,
            )
        )


def progress_callback(progress: Progress) -> Any:
    """A TrainerCallback: an event for each log and each look at the dev rows."""
    from transformers import TrainerCallback

    class Telling(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            del args, control
            progress.begin(state, more["model"].parameters())

        def on_log(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            del args, control
            logs = more.get("logs") or {}
            if "loss" in logs:
                rate = logs.get("learning_rate")
                progress.say(state, Event(loss=logs["loss"], learning_rate=rate))

        def on_evaluate(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            del args, control
            loss = (more.get("metrics") or {}).get("eval_loss")
            progress.say(state, Event(dev_loss=loss))

        def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            del args, control, more
            progress.keep(state)

    return Telling()


def _device_peak_mib() -> float:
    import torch

    if not torch.cuda.is_available():
        return 0.0
    return float(torch.cuda.max_memory_allocated()) / 2**20
