"""Which files the last sync added, changed, moved, removed and could not use; kept for whoever asks later."""

from __future__ import annotations

from dataclasses import dataclass
from time import time_ns
from typing import TYPE_CHECKING, Final

from surefoot.run.records import records_of
from surefoot.store.records import Record

if TYPE_CHECKING:
    from surefoot.ingest.plan import Plan
    from surefoot.ingest.report import Report
    from surefoot.run.workspace import Workspace

_KIND: Final = "last_sync"
NAMED: Final = 500
"""So many documents of each sort are named; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A document that could not be used, why, and what helps."""

    id: str
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class LastSync:
    """What the last sync that did something did. `at_ns` is unix time in nanoseconds, `seconds` how long it took.

    `counts` has all of `added`, `changed`, `moved`, `removed` and `problems`, of which at most `NAMED` each are named.
    """

    at_ns: int
    seconds: float
    counts: dict[str, int]
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problems: tuple[Trouble, ...] = ()


def keep_last_sync(space: Workspace, plan: Plan, report: Report) -> None:
    """Keeps what a sync did, in the place of the one before; one that found nothing to do is not kept."""
    named = {
        "added": plan.new,
        "changed": plan.changed,
        "moved": [f"{move.former} -> {move.id}" for move in plan.moved],
        "removed": plan.removed,
        "problems": [(one.id, one.reason, one.hint) for one in report.problems],
    }
    if not any(named.values()):
        return
    at_ns = time_ns()
    body = {
        "at_ns": at_ns,
        "seconds": report.seconds,
        "counts": {sort: len(listed) for sort, listed in named.items()},
        **{sort: list(listed[:NAMED]) for sort, listed in named.items()},
    }
    with records_of(space) as book:
        book.put(Record(_KIND, _KIND, at_ns, body))


def last_sync(space: Workspace) -> LastSync | None:
    """What the last sync that did something did; None before the first."""
    with records_of(space) as book:
        found = book.find(_KIND, _KIND)
    if found is None:
        return None
    body = found.body
    return LastSync(
        int(body["at_ns"]),
        float(body["seconds"]),
        dict(body["counts"]),
        added=tuple(body["added"]),
        changed=tuple(body["changed"]),
        moved=tuple(body["moved"]),
        removed=tuple(body["removed"]),
        problems=tuple(Trouble(*one) for one in body["problems"]),
    )
