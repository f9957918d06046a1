"""What a job leaves in `.surefoot/work/<id>/`: what it told as it ran, bounded, and what it printed in the end."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from surefoot.store.jobs import Progress, progress_of

WORK: Final = "work"
"""The folder of a workspace's jobs, in its `.surefoot`; `jobs` holds trainings."""
_LINES: Final = "lines.jsonl"
_PRINTED: Final = "printed.json"
_MOST_LINES: Final = 5000
_MOST_CHARS: Final = 2000
_MOST_BYTES: Final = 16_000_000
_POINTS: Final = 200


@dataclass(frozen=True, slots=True)
class Line:
    """Something that a job told: a note, or how far it is. `number` counts from 1."""

    number: int
    note: str = ""
    progress: Progress | None = None


class JobFolder:
    """The folder of one job; written by the one thread that runs it, read by any."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count: int | None = None
        self._point: tuple[str, int] | None = None

    @property
    def printed(self) -> Path:
        """The file that takes what the command prints."""
        return self.folder / _PRINTED

    def add(self, told: str) -> Progress | None:
        """Keeps a line of stderr, one in some of those on progress; gives back the progress that it told."""
        note, progress = read_told(told)
        if progress is None:
            if note.strip():
                self._write(note, None)
            return None
        share = progress.done * _POINTS // progress.total if progress.total > 0 else 0
        point = (progress.title, share)
        if point != self._point or progress.dev_loss is not None:
            self._point = point
            self._write("", progress)
        return progress

    def lines(self, after: int = 0) -> list[Line]:
        """What was told after the line of this number."""
        try:
            text = (self.folder / _LINES).read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        whole = text[: text.rfind("\n") + 1].split("\n")[:-1]
        return [_line(number, line) for number, line in enumerate(whole, 1) if number > after]

    def result(self) -> Any:
        """The JSON that the command printed; None where it printed none or too much to hand on."""
        try:
            if self.printed.stat().st_size > _MOST_BYTES:
                return None
            return json.loads(self.printed.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _write(self, note: str, progress: Progress | None) -> None:
        if self._count is None:
            self._count = len(self.lines())
        if self._count >= _MOST_LINES:
            return
        self._count += 1
        if self._count == _MOST_LINES:
            note, progress = "more was told than is kept", None
        plain = {"note": note[:_MOST_CHARS]} if progress is None else {"progress": asdict(progress)}
        with (self.folder / _LINES).open("a", encoding="utf-8") as file:
            file.write(json.dumps(plain, ensure_ascii=False) + "\n")


def read_told(told: str) -> tuple[str, Progress | None]:
    """A line of stderr: the note or the progress that it tells; any other line is a note as it is."""
    try:
        raw = json.loads(told)
    except ValueError:
        return told.rstrip("\n"), None
    if isinstance(raw, dict) and isinstance(raw.get("progress"), dict):
        return "", progress_of(raw["progress"])
    if isinstance(raw, dict) and isinstance(raw.get("note"), str):
        return raw["note"], None
    return told.rstrip("\n"), None


def _line(number: int, line: str) -> Line:
    raw = json.loads(line)
    if "progress" in raw:
        return Line(number, progress=progress_of(raw["progress"]))
    return Line(number, raw["note"])
