"""What every model part is given about this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ModelEnv:
    """The shared cache of weights, whether the network may be touched, and how many threads a model may use."""

    cache: Path
    offline: bool = False
    threads: int = 1
