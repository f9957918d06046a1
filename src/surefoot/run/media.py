"""What reading scans and recordings needs of a workspace: its settings, threads and speech weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from surefoot.models.media.weights import speech_folder

if TYPE_CHECKING:
    from pathlib import Path

    from surefoot.core.roles import DocumentState
    from surefoot.ingest.extract.media.process import MediaTools
    from surefoot.run.build import Resources

Progress = Callable[[int, int, str], None]


class Shown:
    """Progress of a sync that also tells of pages and minutes while one file is read."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._last = (0, 0)

    def __call__(self, done: int, total: int, detail: str) -> None:
        self._last = (done, total)
        if self._progress is not None:
            self._progress(done, total, detail)

    def media(self, path: Path, done: float, total: float, unit: str) -> None:
        """Shows how far a file is recognised."""
        if self._progress is None:
            return
        if unit == "s":
            said = f"{done / 60:.1f} of {total / 60:.1f} min" if total else f"{done / 60:.1f} min"
        else:
            said = f"page {done + 1:.0f} of {total:.0f}"
        self._progress(*self._last, f"{path.name}: {said}")


def media_tools(resources: Resources, shown: Shown | None = None) -> MediaTools:
    """How this solution reads media."""
    from surefoot.ingest.extract.media.process import MediaTools

    settings, env = resources.corpus.media, resources.env
    weights = partial(speech_folder, settings.speech_model, env)
    return MediaTools(settings, weights, env.threads, shown.media if shown else None)


def readable_now() -> Callable[[DocumentState], bool]:
    """Tells documents that were not read, or not whole, for want of packages which are there now."""
    from surefoot.ingest.extract.media.orders import NEEDS, lacks_packages
    from surefoot.ingest.extract.media.process import installed

    there = [need for need in NEEDS if installed(need)]
    return lambda state: lacks_packages(state.reason, there)
