"""Where a workspace keeps things, and the names of what lies in its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SOLUTION_FILE = "surefoot.toml"
INNER = ".surefoot"
KEPT = "kept"
"""The folder, inside, of what can be made again at any time."""
CONVERSATIONS = "conversations"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a workspace keeps things: its folder, its prompts, and the folder or URL of the tables."""

    root: Path
    tables: str

    @property
    def prompts(self) -> tuple[Path, ...]:
        """Folders whose prompts come before those of surefoot."""
        return (self.root / "prompts",)


def index_name(tables: str, recipe: str) -> str:
    """What names an index where something is kept beside its tables."""
    return f"{tables}#{recipe}"
