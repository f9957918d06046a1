"""Joins what a chat model writes of documents to a workspace: its index, its models, its book of replies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from surefoot.core.budget import Budget
from surefoot.core.metering import metered
from surefoot.core.roles import Meter
from surefoot.run.tools import reply_book, reply_place, tools_of

if TYPE_CHECKING:
    from surefoot.core.errors import DataError
    from surefoot.core.roles import DocumentState, Extracted
    from surefoot.ingest.report import Writing
    from surefoot.ingest.sync import Progress, Tools
    from surefoot.ingest.writing.forecast import Forecast
    from surefoot.run.build import Resources
    from surefoot.run.workspace import Workspace

_NO_LIMIT = Budget()


@dataclass(frozen=True, slots=True)
class Terms:
    """How far a chat model may go: `budget` for all that it writes; `told` is given the forecast before the rest."""

    budget: Budget = _NO_LIMIT
    told: Callable[[Forecast], None] | None = None


FREELY = Terms()
"""Whatever the solution has it write, without a word before."""


@dataclass(frozen=True, slots=True)
class Purged:
    """What was deleted of the kept replies, and how many are left."""

    deleted: int
    kept: int


def write(
    tools: Tools,
    terms: Terms,
    progress: Progress | None,
    states: Sequence[DocumentState] | None = None,
) -> Writing:
    """Asks what is missing, the forecast told before most of it, and puts it in place.

    `states` are the documents that are looked at; None is those about which something was not asked yet.
    """
    from surefoot.ingest.report import Writing
    from surefoot.ingest.writing.asker import Asker
    from surefoot.ingest.writing.finish import finish, pending
    from surefoot.ingest.writing.forecast import forecast

    states = pending(tools.index.states()) if states is None else states
    if tools.desk is None or not states:
        return Writing()
    asker = Asker(tools.desk, terms.budget, tools.clock)
    calls = 0
    if terms.told is not None or progress is not None:
        ahead = forecast(tools, asker, states, probe=terms.told is not None)
        calls = asker.count.asked + ahead.calls
        if terms.told is not None:
            terms.told(ahead)
    return finish(tools, asker, states, calls=calls, progress=progress)


def write_views(
    space: Workspace, terms: Terms, *, again: bool = False, progress: Progress | None = None
) -> Writing:
    """Writes what is missing of the documents in the index; nothing is read from the sources.

    With `again`, what gave no usable reply is asked once more.
    """

    with space.wanted() as resources, metered(Meter()), resources.index().writing():
        tools = tools_of(resources, _reads_nothing)
        return write(tools, terms, progress, _failed(tools) if again else None)


def forecast_views(space: Workspace, *, probe: bool = True) -> Forecast:
    """What writing the rest takes; a few requests are asked for it, and their replies kept."""
    from surefoot.ingest.writing.asker import Asker
    from surefoot.ingest.writing.finish import pending
    from surefoot.ingest.writing.forecast import Forecast, forecast

    with space.wanted() as resources, metered(Meter()):
        tools = tools_of(resources, _reads_nothing)
        if tools.desk is None:
            return Forecast()
        states = pending(resources.index().states())
        return forecast(tools, Asker(tools.desk), states, probe=probe)


def tidy(resources: Resources) -> Purged:
    """Deletes the replies about documents that are gone, and of indexes that are."""
    book = reply_book(resources.place.root)
    if not book.exists:
        return Purged(0, 0)
    before = book.count()
    index, place = resources.index(), reply_place(resources)
    held = book.documents(place)
    if held:
        book.forget(place, held - {state.id for state in index.states()})
    known = index.tables.recipes()
    gone = [one for one in book.places() if _is_gone(one, resources.place.tables, set(known))]
    book.purge(gone)
    left = book.count()
    return Purged(before - left, left)


def forget(resources: Resources, document_ids: Sequence[str]) -> None:
    """Deletes the replies about documents that were removed."""
    reply_book(resources.place.root).forget(reply_place(resources), document_ids)


def _reads_nothing(paths: Iterable[Path]) -> Iterator[tuple[Path, Extracted | DataError]]:
    """Stands where nothing is read from sources."""
    del paths
    return iter(())


def _failed(tools: Tools) -> list[DocumentState]:
    """The documents for which a reply could not be used; those replies are dropped."""
    from surefoot.ingest.writing.finish import opened

    desk, found = tools.desk, []
    if desk is None:
        return []
    read = [state for state in tools.index.states() if state.status == "ok"]
    for one in opened(tools, desk, read):
        useless = desk.useless(one.document, one.chunks, one.tasks)
        left = len(desk.missing(one.tasks)) + desk.book.drop(useless)
        if left:
            found.append(replace(one.state, pending=left))
    return found


def _is_gone(place: str, tables: str, recipes: set[str]) -> bool:
    """Whether the index that held replies is there no more; one that cannot be looked at counts as there."""
    location, _, recipe = place.rpartition("#")
    if location == tables:
        return recipe not in recipes
    return "://" not in location and not Path(location).exists()
