"""Deletes what is still kept of documents that are no longer in the index, and names what people keep themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from surefoot.core.errors import ConfigError
from surefoot.run.pictures import forget_pictures
from surefoot.run.places import INNER
from surefoot.run.writing import forget
from surefoot.store.maintenance import forget_versions
from surefoot.store.records import RESPONSE, RecordBook

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many `traces`, `responses` and `trials` named documents that are gone, and what else may hold their text.

    `trials` are outcomes that a search keeps.

    `snapshots` hold the index as it was, `runs` and `evalsets` questions, answers and quotes.
    """

    documents: tuple[str, ...]
    traces: int
    responses: int
    trials: int
    snapshots: tuple[str, ...]
    runs: tuple[str, ...]
    evalsets: tuple[str, ...]


def purge(space: Workspace, documents: Collection[str] = (), *, dry_run: bool = False) -> Forgotten:
    """Deletes traces, responses, outcomes of searches, replies and former table versions of these documents.

    Without ids these are all that the index has no more, and traces with hits of engines elsewhere go too: such hits
    are no documents of the index.

    Raises:
        ConfigError: one of them is still in the index.
    """
    index = space.resources.index()
    known = {state.id for state in index.states()}
    if still := sorted(known.intersection(documents)):
        raise ConfigError(
            "is still in the index", where=still[0], hint=f"surefoot remove {still[0]}"
        )
    named = dict(space.ledger.documents())
    book = RecordBook.at(space.root / INNER, space.settings.settings.ledger)
    answered = {one.id: set(one.body["documents"]) for one in book.all(RESPONSE)}
    seen = {one for ids in (*named.values(), *answered.values()) for one in ids}
    gone = set(documents) or seen - known
    traces = [trace for trace, ids in named.items() if ids & gone]
    responses = [name for name, ids in answered.items() if ids & gone]
    trials = space.trials.naming(gone)
    found = Forgotten(
        tuple(sorted(gone)),
        len(traces),
        len(responses),
        len(trials),
        tuple(one.name for one in index.snapshots.list()),
        _runs(space, gone),
        _evalsets(space, gone),
    )
    if not dry_run:
        for name in responses:
            book.delete(name)
        if traces or responses:
            space.ledger.delete(traces)
        space.trials.drop(trials)
        forget(space.resources, found.documents)
        forget_pictures(space.root, found.documents)
        forget_versions(index.tables)
    book.close()
    return found


def _runs(space: Workspace, gone: Iterable[str]) -> tuple[str, ...]:
    """The kept runs with a question that found one of them."""
    lost = set(gone)
    return tuple(
        run.id
        for run in space.runs.runs(limit=1_000_000)
        if any(lost.intersection(row.get("documents") or ()) for row in space.runs.rows(run.id))
    )


def _evalsets(space: Workspace, gone: Iterable[str]) -> tuple[str, ...]:
    """The files of eval sets in the workspace that name one of them."""
    import json

    spoken = [json.dumps(name, ensure_ascii=False)[1:-1] for name in gone]
    return tuple(
        file.name
        for file in sorted((space.root / "evalsets").glob("*.jsonl"))
        if any(name in file.read_text(encoding="utf-8") for name in spoken)
    )
