"""Keeps finished evaluations in the ledger, brings them back, and compares two of them question by question."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from time import time_ns
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from surefoot.config.solution import solution_json
from surefoot.core.errors import MissingError
from surefoot.core.types import EvalSet, Expense, Score
from surefoot.evaluate.rows import row_from_plain, row_to_plain
from surefoot.evaluate.scoring import Row
from surefoot.run.machine import index_bytes, peak_memory_bytes
from surefoot.store.runs import Run

if TYPE_CHECKING:
    from surefoot.evaluate.runner import Evaluation
    from surefoot.run.workspace import Workspace

_PACKAGES = ("surefoot", "lancedb", "numpy", "openvino", "openvino-genai", "tokenizers")


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run of the ledger with its scores, and the rows of its questions in their order."""

    run: Run
    scores: tuple[Score, ...]
    rows: tuple[Row, ...]

    def score(self, metric: str) -> Score:
        """One score by its name.

        Raises:
            MissingError: the run has no such score.
        """
        for score in self.scores:
            if score.metric == metric:
                return score
        known = ", ".join(score.metric for score in self.scores)
        raise MissingError(
            f"there is no score {metric!r}", where=self.run.id, hint=f"known: {known}"
        )


@dataclass(frozen=True, slots=True)
class About:
    """What is kept of a run beside what it found: what kind it is, the command that repeats it, and more to note."""

    kind: str = "evaluate"
    command: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


def keep_run(
    space: Workspace,
    evalset: EvalSet,
    found: Evaluation,
    about: About | None = None,
    *,
    clock: Callable[[], int] = time_ns,
) -> str:
    """Writes a finished evaluation into the workspace's ledger; `clock` is unix time in nanoseconds. Returns its id."""
    about = about or About()
    gold = {
        case.id: sorted(name for name, grade in case.relevant.items() if grade > 0)
        for case in evalset.cases
    }
    details = {
        "settings": solution_json(space.solution),
        "recipe": space.resources.recipe if space.solution.corpus is not None else "",
        "evalset_version": evalset.version,
        "task": evalset.task,
        "headline": found.headline,
        "questions": len(found.rows),
        "failures": len(found.failures),
        "scores": [asdict(score) for score in found.scores],
        "left_out": list(found.left_out),
        "expense": asdict(run_expense(found.rows)) | {"seconds": found.seconds},
        "machine": machine_expense(space),
        "command": about.command,
        "versions": versions(),
        "gold": gold,
        **about.more,
    }
    if (corpus := found.identity.get("corpus_version", "")) and space.solution.corpus is not None:
        space.runs.keep_corpus(corpus, space.resources.index().marks())
    run = Run(
        kind=about.kind,
        at_ns=clock(),
        solution=space.solution.name,
        solution_digest=found.identity["solution_digest"],
        evalset=found.evalset,
        evalset_digest=found.evalset_digest,
        corpus=corpus,
        seed=found.seed,
        details=details,
    )
    return space.runs.record(run, [row_to_plain(row) for row in found.rows])


def load_run(space: Workspace, run_id: str) -> KeptRun:
    """A kept run by its id, the beginning of it, or `last`.

    Raises:
        MissingError: no run, or several, begin with it.
    """
    run = space.runs.run(run_id)
    scores = TypeAdapter(tuple[Score, ...]).validate_python(run.details.get("scores", ()))
    return KeptRun(run, scores, tuple(row_from_plain(row) for row in space.runs.rows(run.id)))


def run_expense(rows: Sequence[Row]) -> Expense:
    """What the questions took together."""
    total = Expense()
    for row in rows:
        total = total + Expense(row.latency_ms / 1000, row.cpu_ms / 1000, row.usage)
    return total


def machine_expense(space: Workspace) -> dict[str, Any]:
    """Peak memory of this process in bytes, what the index takes on disk, and what building it took so far."""
    found: dict[str, Any] = {"peak_memory_bytes": peak_memory_bytes()}
    if space.solution.corpus is not None:
        recipe = space.resources.recipe
        found["index_bytes"] = index_bytes(space.place.tables, recipe)
        found["indexing"] = space.runs.indexing(recipe)
    return found


def versions() -> dict[str, str]:
    """The versions of surefoot and of what computes its numbers; `absent` for a package that is not installed."""
    return {"python": platform.python_version()} | {name: _version(name) for name in _PACKAGES}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
