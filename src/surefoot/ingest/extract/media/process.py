"""The processes that recognise text and speech, from their owner's side: started when first needed, then kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from surefoot.config.media import Media
from surefoot.core.errors import DataError, SurefootError
from surefoot.core.roles import Extracted
from surefoot.ingest.extract.media.orders import Need, Orders, Way
from surefoot.ingest.extract.process import WALL_TIMES, Died, ReadingProcess, TimeUp, cause

if TYPE_CHECKING:
    from surefoot.config.solution import Limits

Told = Callable[[Path, float, float, str], None]
"""Told of each page and stretch of sound: the file, what is done, what there is in all (0 = unknown), the unit."""

_START_S = 120
"""Until the first step, while the models are opened."""
_FILES_A_PROCESS = 200
_PACKAGES: dict[Need, tuple[str, ...]] = {
    "ocr": ("rapidocr", "onnxruntime"),
    "speech": ("faster_whisper",),
}


@dataclass(frozen=True, slots=True)
class MediaTools:
    """How media are to be read. `weights` gives the folder of the speech model, fetched first where it is absent."""

    settings: Media
    weights: Callable[[], Path]
    threads: int = 1
    told: Told | None = None


def installed(need: Need) -> bool:
    """Whether the packages that recognise text or speech are there."""
    return all(find_spec(name) is not None for name in _PACKAGES[need])


def orders_for(limits: Limits, tools: MediaTools | None) -> Orders:
    """What an ordinary reading process is told: to leave media to others, or why nobody reads them."""
    if tools is None:
        return Orders(limits=limits)
    return Orders(
        limits=limits,
        media=tools.settings,
        ocr=_way("ocr", wanted=tools.settings.ocr != "never"),
        speech=_way("speech", wanted=tools.settings.speech),
    )


class MediaProcesses:
    """One process for text and one for speech, each for one file at a time: their models use all threads."""

    def __init__(self, limits: Limits, tools: MediaTools) -> None:
        self._limits = limits
        self._tools = tools
        self._running: dict[Need, ReadingProcess] = {}
        self._lock = Lock()

    def read(self, path: Path, need: Need) -> Extracted | DataError:
        """What is recognised in a file, or what is wrong with it."""
        with self._lock:
            try:
                process = self._process(need)
            except SurefootError as problem:
                return DataError(problem.message, where=str(path), hint=problem.hint)
            return self._read(process, path, need)

    def close(self) -> None:
        """Ends the processes; they are started again when needed."""
        with self._lock:
            for process in self._running.values():
                process.close()
            self._running.clear()

    def _read(self, process: ReadingProcess, path: Path, need: Need) -> Extracted | DataError:
        told, settings = self._tools.told, self._tools.settings

        def step(done: float, total: float, unit: str) -> None:
            if told is not None:
                told(path, done, total, unit)

        seconds = _START_S + WALL_TIMES * self._limits.seconds
        try:
            found = process.read(path, seconds, step)
        except Died as problem:
            limits = self._limits.model_copy(update={"memory_mb": settings.memory_mb})
            message, hint = cause(problem, limits, "corpus.media")
            if "more than the allowed" in message and "s to read" in message:
                message, hint = _slow(settings, need)
        except TimeUp:
            message, hint = _slow(settings, need)
        else:
            if isinstance(found, str):
                return DataError(f"needs {found} inside {need}", where=str(path))
            return found
        del self._running[need]
        process.kill()
        return DataError(message, where=str(path), hint=hint)

    def _process(self, need: Need) -> ReadingProcess:
        process = self._running.pop(need, None)
        if process is not None:
            if process.is_alive() and process.files < _FILES_A_PROCESS:
                self._running[need] = process
                return process
            process.close()
        tools = self._tools
        orders = Orders(
            limits=self._limits,
            media=tools.settings,
            ocr="read" if need == "ocr" else "absent",
            speech="read" if need == "speech" else "absent",
            weights=str(tools.weights()) if need == "speech" else "",
            threads=tools.threads,
        )
        self._running[need] = ReadingProcess(orders)
        return self._running[need]


def _way(need: Need, *, wanted: bool) -> Way:
    if not wanted:
        return "off"
    return "leave" if installed(need) else "absent"


def _slow(settings: Media, need: Need) -> tuple[str, str]:
    if need == "ocr":
        allowed, name, unit = settings.page_seconds, "page_seconds", "page"
    else:
        allowed, name, unit = settings.minute_seconds, "minute_seconds", "minute"
    return (
        f"took more than the allowed {allowed} s for a {unit}",
        f"raise corpus.media.{name} to {2 * allowed}, or leave it out",
    )
