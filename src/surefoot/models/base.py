"""What every model part is given about this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from surefoot.core.digest import digest_json

READY = "ready"
"""What is made ready of a fetched model lies in this folder beside it."""


@dataclass(frozen=True, slots=True)
class ModelEnv:
    """The shared cache of weights, whether the network may be touched, and how many threads a model may use.

    `root` is the workspace, below which a folder of weights may be named.
    """

    cache: Path
    offline: bool = False
    threads: int = 1
    root: Path | None = None

    def place(self, name: str) -> Path:
        """The file or folder of a name: below the workspace where it is there, else as this process sees it."""
        path = Path(name).expanduser()
        below = self.root / path if self.root is not None else path
        return below if below.exists() else path

    def ready(self, folder: Path) -> Path:
        """Where what is made ready of a folder of the user's own is kept: in the cache, not among their files."""
        return self.cache / f"{READY}-{digest_json(str(folder.resolve()))}"
