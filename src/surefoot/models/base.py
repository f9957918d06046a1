"""What every model part is given about this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from surefoot.core.digest import digest_json

READY = "ready"
"""What is made ready of a fetched model lies in this folder beside it."""


@dataclass(frozen=True, slots=True)
class ModelEnv:
    """The shared cache of weights, whether the network may be touched, and how many threads a model may use."""

    cache: Path
    offline: bool = False
    threads: int = 1

    def ready(self, folder: Path) -> Path:
        """Where what is made ready of a folder of the user's own is kept: in the cache, not among their files."""
        return self.cache / f"{READY}-{digest_json(str(folder.resolve()))}"
