"""What one training run is told: a job as data, the same file for every launcher."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Protocol, runtime_checkable

from pydantic import Field, NonNegativeInt, PositiveInt

from surefoot.config.base import AnyPart, Part, PartSettings, Settings
from surefoot.models.base import ModelEnv
from surefoot.tune.artefact import Trained
from surefoot.tune.events import Event
from surefoot.tune.rows import TuningRows

Tell = Callable[[Event], None]


class JobSpec(Settings):
    """A training run. `tuner` holds the settings of its kind (lora, full, embedder, reranker)."""

    name: str = Field(pattern=r"^[\w.-]+$", description="what the result is called")
    tuner: Annotated[AnyPart, Part("tuner")]
    base: str = Field(
        description="a catalog alias, a .gguf file, or a folder with safetensors and config.json"
    )
    rows: str = Field(description="canonical JSONL with rows for train and dev")
    seed: NonNegativeInt = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    launcher: Literal["local", "torchrun"] = "local"
    processes: PositiveInt = Field(default=1, description="of torchrun; the world size is asserted")
    threads: NonNegativeInt = Field(default=0, description="of each process; 0 = cores - 1")

    @property
    def threads_each(self) -> int:
        """Threads of one process: those asked for, else its share of all cores but one."""
        cores = max(1, (os.cpu_count() or 2) - 1)
        return self.threads or max(1, cores // self.processes)


class Foreseen(Protocol):
    """What a training will take."""

    @property
    def seconds(self) -> float:
        """Of the training itself, at the pace of a step that was tried."""

    def summary(self) -> str:
        """One line for people."""

    def to_json(self) -> dict[str, Any]:
        """Plain values."""


@runtime_checkable
class Foresees(Protocol):
    """A tuner that can say beforehand what it will take."""

    def foresee(self, spec: JobSpec, rows: TuningRows, out: Path, env: ModelEnv) -> Foreseen:
        """What `train` would take: all is readied in `out`, one step is tried, nothing is learnt.

        Raises:
            DataError: rows that cannot be learnt from, or more memory than there is.
            MissingExtra: torch and its family are not installed.
        """


class Tuner(Protocol):
    """Trains; runs in a child process of its own. Resumes from the newest complete checkpoint in `out`."""

    Settings: ClassVar[type[PartSettings]]
    rows: ClassVar[Literal["chat", "pair"]]

    def train(
        self, spec: JobSpec, rows: TuningRows, out: Path, env: ModelEnv, tell: Tell
    ) -> Trained:
        """What came of it, its files in `out`; progress goes to `tell`.

        Raises:
            DataError: rows that cannot be learnt from, named.
            MissingExtra: torch and its family are not installed.
        """
        ...
