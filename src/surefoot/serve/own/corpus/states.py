"""`/api/documents/states` and `/changes`: what could not be read and what helps, and what a sync would do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from surefoot.core.roles import DocumentState, Listing, Scope, SourceProblem, Status
from surefoot.core.types import Lang
from surefoot.ingest.plan import Move
from surefoot.run.last_sync import LastSync as Kept
from surefoot.run.last_sync import last_sync
from surefoot.serve.own.rights import require_owner
from surefoot.serve.serving import Served
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/api/documents", tags=["surefoot"])


class FileState(BaseModel):
    """What became of a document: `reason` says why it has no text, or what is not in it, `remedy` what helps.

    `pending` counts what a chat model has not written of it yet.
    """

    id: str
    title: str
    uri: str
    source: str
    status: Status
    reason: str
    remedy: str
    chunks: int
    duplicate_of: str
    pending: int


class FileStates(BaseModel):
    """States by id; `counts` are those of all documents that the key may read, `next` is what to give as `after`."""

    data: list[FileState]
    counts: dict[Status, int]
    next: str


class StateFilters(BaseModel):
    """Which documents: of a status, in a language, with a text in id or title; those after one."""

    status: Status | None = None
    lang: Lang | None = None
    text: Annotated[str, Field(max_length=500)] = ""
    after: Annotated[str, Field(max_length=2000)] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class Trouble(BaseModel):
    """A document that could not be used, why, and what helps."""

    id: str
    reason: str
    remedy: str


class LastSync(BaseModel):
    """What the last sync that found something to do did, as `surefoot status --last`; `at_ns` as text.

    Of each list the first, `counts` have all.
    """

    at_ns: str
    seconds: float
    counts: dict[str, int]
    added: list[str]
    changed: list[str]
    moved: list[str]
    removed: list[str]
    problems: list[Trouble]


class CorpusChanges(BaseModel):
    """What a sync would do now, as `surefoot sync --dry-run`; of each list the first, `counts` have all.

    `last` is what the last sync did, null before the first.
    """

    counts: dict[str, int]
    new: list[str]
    changed: list[str]
    moved: list[Move]
    removed: list[str]
    problems: list[SourceProblem]
    notes: list[str]
    last: LastSync | None


@router.get("/states")
async def states(
    wanted: Annotated[StateFilters, Query()], request: Request, serving: Served, who: Who
) -> FileStates:
    """What became of each document that the key may read, failed and empty ones too."""
    who.require("search")
    return await serving.desk.run(request, lambda _: _states(who, wanted))


@router.get("/changes")
async def changes(
    request: Request,
    serving: Served,
    who: Who,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 200,
) -> CorpusChanges:
    """What sources offer that the index does not have yet, and what they offer no more. Looks at the sources now."""
    require_owner(who)
    return await serving.desk.run(request, lambda _: _changes(who, limit))


def _states(who: Principal, wanted: StateFilters) -> FileStates:
    part = Listing(
        wanted.after, wanted.limit + 1, wanted.status or "", wanted.text, wanted.lang or ""
    )
    scope = Scope(asker=who.asker)
    with who.using() as space:
        index = space.resources.index()
        found = list(index.states(scope=scope, part=part))
        counts = dict(index.statuses(scope=scope))
    more = len(found) > wanted.limit
    return FileStates(
        data=[_state(one) for one in found[: wanted.limit]],
        counts=counts,
        next=found[wanted.limit - 1].id if more else "",
    )


def _state(one: DocumentState) -> FileState:
    return FileState(
        id=one.id,
        title=one.title or one.id,
        uri=one.uri,
        source=one.source,
        status=one.status,
        reason=one.reason,
        remedy=one.hint,
        chunks=one.chunks,
        duplicate_of=one.duplicate_of,
        pending=one.pending,
    )


def _changes(who: Principal, limit: int) -> CorpusChanges:
    with who.tenant.using() as space:
        plan = space.plan()
        last = last_sync(space)
    return CorpusChanges(
        counts={
            "new": len(plan.new),
            "changed": len(plan.changed),
            "moved": len(plan.moved),
            "removed": len(plan.removed),
            "problems": len(plan.problems),
            "unchanged": plan.unchanged,
        },
        new=list(plan.new[:limit]),
        changed=list(plan.changed[:limit]),
        moved=list(plan.moved[:limit]),
        removed=list(plan.removed[:limit]),
        problems=list(plan.problems[:limit]),
        notes=list(plan.notes[:limit]),
        last=None if last is None else _last(last, limit),
    )


def _last(found: Kept, limit: int) -> LastSync:
    return LastSync(
        at_ns=str(found.at_ns),
        seconds=found.seconds,
        counts=found.counts,
        added=list(found.added[:limit]),
        changed=list(found.changed[:limit]),
        moved=list(found.moved[:limit]),
        removed=list(found.removed[:limit]),
        problems=[
            Trouble(id=one.id, reason=one.reason, remedy=one.hint) for one in found.problems[:limit]
        ],
    )
