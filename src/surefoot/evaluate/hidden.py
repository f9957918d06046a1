"""Eval sets whose questions are sentences of the documents are asked over documents without those sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from surefoot.core.types import EvalSet
from surefoot.run.hiding import Hidden, hiding

if TYPE_CHECKING:
    from surefoot.ingest.sync import Progress
    from surefoot.run.workspace import Workspace

HIDDEN: Final = "hidden"
"""The key of a case's `meta` that says where its question stands: document, start and end in characters."""


def hidden_spans(evalset: EvalSet) -> Hidden:
    """The spans that the questions of a set come from, by document; empty for sets by people."""
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for case in evalset.cases:
        if found := case.meta.get(HIDDEN):
            spans[str(found["doc"])].append((int(found["start"]), int(found["end"])))
    return {name: sorted(places) for name, places in spans.items()}


@contextmanager
def asked_honestly(
    space: Workspace, evalset: EvalSet, *, progress: Progress | None = None
) -> Iterator[Workspace]:
    """The workspace in which the set may be asked: without the sentences that its questions are.

    Where none are, that is the same workspace. The other index is built once and kept.
    """
    with hiding(space, hidden_spans(evalset), progress=progress) as other:
        yield other
