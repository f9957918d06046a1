"""Eval sets whose questions are sentences of the documents are asked over documents without those sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from surefoot.core.errors import ConfigError
from surefoot.core.types import EvalSet
from surefoot.evaluate.evalsets import part
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


def without_hidden(evalset: EvalSet) -> tuple[EvalSet, tuple[str, ...]]:
    """The questions that any index may be asked as it is, and what is to be said of the others.

    Raises:
        ConfigError: every question is a sentence of the documents.
    """
    visible = [case for case in evalset.cases if HIDDEN not in case.meta]
    hidden = len(evalset.cases) - len(visible)
    if not visible:
        raise ConfigError(
            "every question is a sentence of the documents: a search would find it word for word",
            where=evalset.name,
            hint="surefoot evalset create --no-hidden makes others",
        )
    if not hidden:
        return evalset, ()
    said = f"{hidden} questions that are sentences of the documents are left out"
    return part(evalset, visible), (said,)
