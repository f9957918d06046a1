"""Switches documents off and on: one that is off is found by nothing and nobody, and stays so whatever is synced.

What is switched off belongs to the workspace, not to a solution: every index of it leaves the document out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from time import time_ns
from typing import TYPE_CHECKING, Final

from surefoot.core.digest import digest_json
from surefoot.core.errors import ConfigError, MissingError
from surefoot.core.roles import DocumentState, IndexedDocument, SourceItem
from surefoot.ingest.plan import Plan, Planned, Work
from surefoot.ingest.sync import SWITCHED_OFF, run
from surefoot.run.held import held_item
from surefoot.run.records import records_of
from surefoot.run.tools import tools_of
from surefoot.store.records import Record

if TYPE_CHECKING:
    from surefoot.core.roles import Index
    from surefoot.run.build import Resources
    from surefoot.run.workspace import Workspace

_KIND: Final = "switched_off"


def switched_off(space: Workspace) -> frozenset[str]:
    """The ids of the documents that are switched off in a workspace."""
    with records_of(space) as book:
        return frozenset(str(record.body["document"]) for record in book.all(_KIND))


def switch(spaces: Sequence[Workspace], ids: Collection[str], *, on: bool) -> int:
    """Switches documents off or on in these workspaces, one for each index; returns how many were the other way.

    When it returns, a document that is off is in no index, with no view, entity or statistic; one that is on is found.
    An index that could not be reached then follows at its next sync.

    Raises:
        MissingError: there is no such document; nothing is done.
    """
    known = {state.id for space in spaces for state in space.resources.index().states()}
    if missing := sorted(set(ids) - known):
        hint = "surefoot status --all lists the ids"
        raise MissingError("there is no such document", where=missing[0], hint=hint)
    with records_of(spaces[0]) as book:
        was = {str(record.body["document"]) for record in book.all(_KIND)}
        for name in ids:
            if on:
                book.delete(_row(name))
            else:
                book.put(Record(_row(name), _KIND, time_ns(), {"document": name}))
    for space in spaces:
        _follow(space.resources, ids, on=on)
        if space.serving.solution is not space.solution:
            with space.wanted() as wanted:
                _follow(wanted, ids, on=on)
    return len(was & set(ids)) if on else len(set(ids) - was)


def _follow(resources: Resources, ids: Collection[str], *, on: bool) -> None:
    """Brings an index in step."""
    index = resources.index()
    with index.writing():
        states = {state.id: state for state in index.states() if state.id in ids}
        if on:
            _put_back(resources, [state for state in states.values() if state.status == "off"])
            return
        found = ((index.document(name), state) for name, state in states.items())
        index.replace(
            [
                IndexedDocument(
                    document,
                    replace(
                        state, status="off", reason=SWITCHED_OFF, chunks=0, sketch="", pending=0
                    ),
                )
                for document, state in found
                if document is not None
            ]
        )


def _put_back(resources: Resources, states: Sequence[DocumentState]) -> None:
    """Cuts and embeds documents whose texts the index kept."""
    from surefoot.ingest.extract import ExtractorPool

    items = tuple(_items(resources.index(), states))
    if not items:
        return
    names = tuple(item.id for item in items)
    planned = Planned(Plan(changed=names), Work(items), {state.id: state for state in states})
    with ExtractorPool(resources.corpus.limits, 1) as pool:
        run(planned, tools_of(resources, pool.map))


def _items(index: Index, states: Sequence[DocumentState]) -> Iterator[SourceItem]:
    for state in states:
        document = index.document(state.id, off=True)
        if document is not None:
            yield held_item(document, state)


@contextmanager
def every_index(space: Workspace) -> Iterator[list[Workspace]]:
    """A workspace for each index of the folder that `space` is, itself first."""
    from surefoot.run.workspace import Workspace

    with ExitStack() as stack:
        spaces = {space.resources.recipe: space}
        for file in sorted((space.root / "solutions").glob("*.toml")):
            other = stack.enter_context(Workspace(space.root, space.settings, file.stem, None))
            # A wrong solution answers nothing; its index follows when the file is mended and synced.
            with suppress(ConfigError):
                if other.solution.corpus is not None:
                    spaces.setdefault(other.resources.recipe, other)
        yield list(spaces.values())


def _row(document_id: str) -> str:
    """Ids of documents may be longer than those of records."""
    return f"off:{digest_json(document_id)}"
