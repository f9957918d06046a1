"""The searches and comparisons that a workspace keeps: what each was asked, whether it ended, and its end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from surefoot.optimize.compare.files import CompareFiles
from surefoot.optimize.files import ExperimentFiles

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

ExperimentKind = Literal["search", "comparison"]


@dataclass(frozen=True, slots=True)
class KeptExperiment:
    """One of them: `at_ns` is when it was begun or gone on with (unix time in nanoseconds), `size` its bytes on disk.

    `resume` is the command that goes on with it, `asked` the one that began it.
    """

    kind: ExperimentKind
    id: str
    evalset: str
    metric: str
    at_ns: int
    ended: bool
    size: int
    asked: str

    @property
    def resume(self) -> str:
        """The command that goes on with it."""
        word = "optimize" if self.kind == "search" else "compare"
        return f"surefoot {word} --continue {self.id}"


def kept_experiments(space: Workspace) -> list[KeptExperiment]:
    """All of them, the one begun last first."""
    found = [*_searches(space.root / ".surefoot"), *_comparisons(space.root / ".surefoot")]
    return sorted(found, key=lambda one: (-one.at_ns, one.id))


def delete_experiment(space: Workspace, kind: ExperimentKind, name: str) -> str:
    """Deletes one with all its files, by its id, the beginning of it, or `last`; which it was.

    Runs, and what questions were asked in a search, stay: they belong to the workspace.

    Raises:
        MissingError: there is none, or several begin so.
    """
    files = CompareFiles if kind == "comparison" else ExperimentFiles
    folder = files.find(space.root / ".surefoot", name).folder
    shutil.rmtree(folder)
    return folder.name


def _searches(inner: Path) -> Iterator[KeptExperiment]:
    for one in ExperimentFiles.all(inner):
        asked = one.asked
        yield KeptExperiment(
            "search",
            asked.id,
            asked.evalset,
            asked.metric,
            one.begun_ns,
            one.has_ended,
            _size(one.folder),
            asked.command,
        )


def _comparisons(inner: Path) -> Iterator[KeptExperiment]:
    for one in CompareFiles.all(inner):
        asked = one.asked
        yield KeptExperiment(
            "comparison",
            asked.id,
            asked.evalset,
            asked.metric,
            one.begun_ns,
            one.ended,
            _size(one.folder),
            asked.command,
        )


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
