"""What a change of documents does to finished runs: which of their questions it touches.

A question is touched where a document that it needs or found has changed, gone or come, or where a new text now
stands among the first that a search finds for it. A change elsewhere can still shift scores a little, through the
rarity of words; that is said, not counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

from surefoot.core.errors import DataError, SurefootError
from surefoot.evaluate.rows import row_from_plain
from surefoot.evaluate.runs import KeptRun, load_run
from surefoot.evaluate.scoring import Row

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace
    from surefoot.store.runs import Run

State = Literal["fresh", "touched", "elsewhere", "unknown"]

_FIRST = 10


@dataclass(frozen=True, slots=True)
class Changes:
    """Documents, by id, in which one state of a corpus differs from an earlier one."""

    added: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()

    @property
    def any(self) -> frozenset[str]:
        """All of them."""
        return self.added | self.changed | self.removed


@dataclass(frozen=True, slots=True)
class Staleness:
    """How a run stands to the documents of now. `touched` are ids of its `questions`.

    `new` counts documents that came or changed, which may have become the better answer to further questions.
    """

    state: State
    questions: int = 0
    touched: tuple[str, ...] = ()
    new: int = 0

    def summary(self) -> str:
        """In words; empty where nothing changed or nothing is known."""
        if self.state == "elsewhere":
            return "corpus changed elsewhere"
        if self.state == "touched":
            return f"stale: {len(self.touched)} of {self.questions} questions touched"
        return ""


def changes_between(before: Mapping[str, str], after: Mapping[str, str]) -> Changes:
    """What differs between the marks of two states of a corpus."""
    both = before.keys() & after.keys()
    return Changes(
        frozenset(after.keys() - both),
        frozenset(name for name in both if before[name] != after[name]),
        frozenset(before.keys() - both),
    )


def corpus_changes(space: Workspace, version: str) -> Changes | None:
    """What changed since this corpus version; None where it is not known what that held."""
    before = space.runs.corpus(version)
    return None if before is None else changes_between(before, space.resources.index().marks())


def touched_by(
    rows: Iterable[Row], gold: Mapping[str, Collection[str]], changes: Changes
) -> tuple[str, ...]:
    """The ids of questions whose gold or found documents are among the changes."""
    documents = changes.any
    return tuple(
        row.id
        for row in rows
        if not documents.isdisjoint(row.documents) or not documents.isdisjoint(gold.get(row.id, ()))
    )


def touched_cases(space: Workspace, kept: KeptRun, changes: Changes) -> tuple[str, ...]:
    """As `touched_by`, and those for which a text that came now stands among the first found; asks no stage."""
    known = set(touched_by(kept.rows, kept.run.details.get("gold", {}), changes))
    fresh = changes.added | changes.changed
    rest = [row for row in kept.rows if row.id not in known]
    if fresh and rest:
        known |= {row.id for row, first in _first_found(space, rest) if not fresh.isdisjoint(first)}
    return tuple(row.id for row in kept.rows if row.id in known)


def staleness(space: Workspace, run: Run) -> Staleness:
    """How a run stands to the documents of now, told from its own documents alone; nothing is searched."""
    if not run.corpus or space.solution.corpus is None:
        return Staleness("fresh")
    if space.resources.index().version() == run.corpus:
        return Staleness("fresh")
    changes = corpus_changes(space, run.corpus)
    if changes is None:
        return Staleness("unknown")
    rows = [row_from_plain(row) for row in space.runs.rows(run.id)]
    touched = touched_by(rows, run.details.get("gold", {}), changes)
    new = len(changes.added | changes.changed)
    return Staleness("touched" if touched else "elsewhere", len(rows), touched, new)


def stale_runs(space: Workspace, *, limit: int = 20) -> list[tuple[Run, Staleness]]:
    """Those of the newest runs, one for each solution and eval set, that the documents of now have touched.

    Empty also where the index cannot be opened.
    """
    newest: dict[tuple[str, str], Run] = {}
    for run in space.runs.runs(limit=limit):
        newest.setdefault((run.solution_digest, run.evalset_digest), run)
    states = states_of(space, newest.values())
    return [
        (run, states[run.id])
        for run in newest.values()
        if run.id in states and states[run.id].state == "touched"
    ]


def states_of(space: Workspace, runs: Iterable[Run]) -> dict[str, Staleness]:
    """How each run stands to the documents of now, by its id; empty where the index cannot be opened."""
    try:
        return {run.id: staleness(space, run) for run in runs}
    except SurefootError:
        return {}


def still_good(space: Workspace, run_id: str, *, solution: str, evalset: str) -> dict[str, Row]:
    """The rows of a run that its solution would give again: of questions that nothing touched and that did not fail.

    Raises:
        MissingError: there is no such run.
        DataError: it ran another solution or eval set, or it is not known what it had read.
    """
    kept = load_run(space, run_id)
    _same(kept.run, solution, evalset)
    changes = Changes()
    if kept.run.corpus and space.solution.corpus is not None:
        changed = corpus_changes(space, kept.run.corpus)
        if changed is None:
            raise _refused(kept.run, "it is not known which documents it had read")
        changes = changed
    touched = set(touched_cases(space, kept, changes)) if changes.any else set()
    return {row.id: row for row in kept.rows if row.id not in touched and row.failure is None}


def _same(run: Run, solution: str, evalset: str) -> None:
    if run.solution_digest != solution:
        raise _refused(run, "it ran another solution")
    if run.evalset_digest != evalset:
        raise _refused(run, "it asked other questions")


def _refused(run: Run, why: str) -> DataError:
    return DataError(why, where=f"run {run.id}", hint="evaluate without --continue")


def _first_found(space: Workspace, rows: Sequence[Row]) -> Iterator[tuple[Row, set[str]]]:
    """The best documents for each question by keyword and by vector, of either as many as the run has found."""
    index = space.resources.index()
    vectors = space.resources.encoder().embed_queries([row.question for row in rows])
    for row, vector in zip(rows, vectors, strict=True):
        found: set[str] = set()
        for hits in (index.keyword(row.question, limit=_FIRST), index.vector(vector, limit=_FIRST)):
            names = dict.fromkeys(hit.chunk.document_id for hit in hits)
            found.update(islice(names, max(1, len(row.documents))))
        yield row, found
