"""After documents have changed: which questions the change touches, so that only those are asked again.

A question is touched where its gold or what a solution found for it has changed or gone, or where a new or changed
document is among the nearest by words or by meaning. That rare words weigh a little otherwise in a corpus that has
grown is left out of account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from surefoot.core.errors import MissingError
from surefoot.core.roles import Scope
from surefoot.core.types import EvalCase
from surefoot.evaluate.stale import changes_between
from surefoot.optimize.running.keeping import Kept
from surefoot.optimize.spaces.ground import Checked

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

DEPTH = 20
"""How many of the nearest passages a new document must be among to touch a question."""


def corpus_version(space: Workspace) -> str:
    """The version of the documents; empty where the solution has none.

    Raises:
        MissingError: it searches, and nothing is indexed yet.
    """
    if space.solution.corpus is None:
        return ""
    index = space.resources.index()
    if next(iter(index.states()), None) is None:
        raise MissingError(
            "nothing is indexed yet", where=str(space.root), hint="surefoot sync reads it"
        )
    return index.version()


def document_marks(space: Workspace) -> Mapping[str, str]:
    """Document id to what names its content, metadata and rights, for all that were read."""
    if space.solution.corpus is None:
        return {}
    return space.resources.index().marks()


def changed_documents(before: Mapping[str, str], now: Mapping[str, str]) -> frozenset[str]:
    """The documents that are new, changed or gone."""
    return changes_between(before, now).any


def touched_cases(
    space: Workspace, cases: Sequence[EvalCase], changed: frozenset[str]
) -> frozenset[str]:
    """The questions that the change may concern whatever the solution."""
    return frozenset(case.id for case in cases if changed and _touched(space, case, changed))


def carry(
    checked: Checked, before: Kept, now: Kept, touched: frozenset[str], changed: frozenset[str]
) -> int:
    """Takes over the outcomes of a solution that the change does not touch; how many they were."""
    there = now.rows(checked)
    rows = [
        row
        for row in before.rows(checked).values()
        if row.id not in touched and row.id not in there and not changed & set(row.documents)
    ]
    now.keep(checked, rows)
    return len(rows)


def _touched(space: Workspace, case: EvalCase, changed: frozenset[str]) -> bool:
    return bool(changed & set(case.relevant)) or any(
        name in changed for name in _nearest(space, case)
    )


def _nearest(space: Workspace, case: EvalCase) -> Iterator[str]:
    index, scope = space.resources.index(), Scope(filter=case.filter)
    for hit in index.keyword(case.question, limit=DEPTH, scope=scope):
        yield hit.chunk.document_id
    (vector,) = space.resources.encoder().embed_queries([case.question])
    for hit in index.vector(vector, limit=DEPTH, scope=scope):
        yield hit.chunk.document_id
