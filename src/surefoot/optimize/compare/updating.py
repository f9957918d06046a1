"""What has to be done, and how long it takes, until a changed document counts for an arm."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

from surefoot.optimize.compare.result import SEARCHING, TRAINED, Build, Method

How = Literal["sync", "train", "rows", "none"]
"""`sync`: the changed document is indexed. `train`: the model is trained anew. `rows`: an example is replaced.

`none`: nothing can be done, for nothing of the arm holds documents.
"""
HOWS: Final[tuple[How, ...]] = ("sync", "train", "rows", "none")


def update_of(method: Method, build: Build, sync_s: float | None) -> tuple[float | None, How]:
    """The seconds until a changed document counts, and what they go into.

    An arm that searches has it with the next sync, trained or not: what it learnt is how to read. Closed-book weights
    have to be trained anew, which takes what their making took. The seconds are None where nothing was measured.
    """
    if method in SEARCHING:
        return sync_s, "sync"
    if method in TRAINED:
        return build.wall_s or None, "train"
    return None, "rows" if method in ("fewshot", "nearest") else "none"


def bytes_of(places: Iterable[Path]) -> int:
    """What files and folders take on disk together; those that are not there take nothing."""
    return sum(
        file.stat().st_size
        for place in places
        for file in ([place] if place.is_file() else place.rglob("*"))
        if file.is_file()
    )
