"""What a training run says while it runs: one JSON line an event, only added."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from surefoot.config.base import Settings

State = Literal["validating", "queued", "running", "succeeded", "failed", "cancelled"]
EVENTS = "events.jsonl"


class Event(Settings):
    """A change of state, a message, or how far it is. Seconds are wall time since this process began to train.

    `loss` is the mean since the event before, `dev_loss` that of the dev rows, memory the peak in MiB. `first_step` is
    the step that this process went on from; `tokens` are those that it has trained on.
    """

    state: State = "running"
    message: str = ""
    seconds: float = 0.0
    step: int = 0
    steps: int = 0
    first_step: int = 0
    epoch: float = 0.0
    loss: float | None = None
    dev_loss: float | None = None
    learning_rate: float | None = None
    tokens: int = 0
    peak_mib: float = 0.0

    @property
    def seconds_left(self) -> float | None:
        """Time to the last step at the pace so far; None before the first step."""
        done = self.step - self.first_step
        return self.seconds / done * (self.steps - self.step) if done > 0 else None

    @property
    def tokens_per_s(self) -> float | None:
        """The pace; None before the first step."""
        return self.tokens / self.seconds if self.tokens and self.seconds else None


def add_event(folder: Path, event: Event) -> None:
    """Adds a line to the folder's events."""
    with (folder / EVENTS).open("a", encoding="utf-8") as file:
        file.write(event.model_dump_json(exclude_defaults=True) + "\n")


def read_events(folder: Path) -> Iterator[Event]:
    """The events so far; a last line that is still being written is left out."""
    path = folder / EVENTS
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                yield Event.model_validate_json(line)
