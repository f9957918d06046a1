"""`/api/traces`: past questions in pages, and the same question asked again with other settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field, JsonValue, model_validator

from surefoot.run.replaying import STAGES, Moved, replay
from surefoot.run.traced import traced
from surefoot.serve.answering import timed
from surefoot.serve.desk import Gone
from surefoot.serve.own.told import ToldTrace, told_trace
from surefoot.serve.own.traces import TraceId, trace_spans
from surefoot.serve.serving import Served, Serving
from surefoot.serve.who import Principal, Who
from surefoot.store.traces import TraceLine, WantedTraces

router = APIRouter(prefix="/api/traces", tags=["surefoot"])
_LATEST_NS: Final = 2**63 - 1
_LARGEST: Final = 1000
_PATH = r"^stages\.[0-9]{1,3}(\.[a-z0-9_.]{1,200})?$"
_SETTING = r"^[a-z0-9_.]{1,200}$"


class TraceFilters(BaseModel):
    """Which traces: `text` stands in the question, `judged` by a person, `before` is `next` of the former page."""

    text: Annotated[str, Field(max_length=500)] = ""
    solution: Annotated[str, Field(max_length=200)] = ""
    refused: bool | None = None
    judged: bool | None = None
    least_ms: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] = 0.0
    before: Annotated[str, Field(pattern=r"^([0-9]{1,20}-[0-9a-f]{32})?$")] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 50

    def lines(self, key: str) -> WantedTraces:
        """The same for the ledger; an empty key is everybody's."""
        at, _, id = self.before.partition("-")
        return WantedTraces(
            limit=self.limit,
            before=(min(int(at), _LATEST_NS), id) if at else None,
            text=self.text,
            key=key,
            solution=self.solution,
            refused=self.refused,
            judged=self.judged,
            least_ms=self.least_ms,
        )


class ListedTrace(BaseModel):
    """A past question: `start_ns` in unix nanoseconds as text, `right` the newest verdict on it.

    `question` is empty where content is not kept, `refused` null where nothing answered.
    """

    trace_id: str
    name: str
    start_ns: str
    ms: float
    question: str
    refused: bool | None
    right: bool | None
    solution: str
    key: str
    cost: float
    error: str


class ListedTraces(BaseModel):
    """The newest first; `next` is what to give as `before` for those that follow, empty at the end."""

    data: list[ListedTrace]
    next: str


class ReplayRequest(BaseModel):
    """Settings to change: by whole path (`stages.0.keyword`), or by name below the `stage` (`stages.0`)."""

    stage: Annotated[str, Field(pattern=_PATH)] = ""
    set: Annotated[
        dict[Annotated[str, Field(pattern=_SETTING)], JsonValue],
        Field(min_length=1, max_length=50),
    ]

    @model_validator(mode="after")
    def _of_stages(self) -> ReplayRequest:
        if not self.stage and not all(path.startswith(STAGES) for path in self.set):
            raise ValueError("give a stage, or paths that begin with stages.")
        return self

    @property
    def changes(self) -> dict[str, Any]:
        """The settings by whole path."""
        return {f"{self.stage}.{name}" if self.stage else name: v for name, v in self.set.items()}


class ReplayReply(BaseModel):
    """Both traces; `moved` has the chunks whose final rank is another.

    `otherwise` names what else was not the same: `solution` (its file was changed since), `asker`.
    """

    former: ToldTrace
    now: ToldTrace
    moved: list[Moved]
    same_answer: bool
    otherwise: list[str]


@router.get("")
async def traces(
    wanted: Annotated[TraceFilters, Query()], request: Request, serving: Served, who: Who
) -> ListedTraces:
    """Past questions, the newest first: one's own, or all for who may read everything."""
    who.require("ask")
    lines = wanted.lines("" if who.asker.is_owner else who.name)

    def read() -> list[TraceLine]:
        with who.tenant.using() as space:
            return space.ledger.find(lines)

    found = await serving.desk.run(request, lambda _: read())
    last = found[wanted.limit - 1] if len(found) > wanted.limit else None
    return ListedTraces(
        data=[_listed(line) for line in found[: wanted.limit]],
        next=f"{last.start_ns}-{last.trace_id}" if last else "",
    )


@router.post("/{trace_id}/replay")
async def replayed(
    trace_id: TraceId, body: ReplayRequest, request: Request, serving: Served, who: Who
) -> ReplayReply:
    """Asks the question of a trace again with changed settings, with the rights of who asks now.

    Switches and numbers up to 1000 may be changed by who sees the trace; larger ones take memory, and texts name
    files, models and addresses: scope `admin`.
    """
    who.require("ask")
    if not all(isinstance(one, int | float) and abs(one) <= _LARGEST for one in body.set.values()):
        who.require("admin")
    return await serving.desk.run(
        request, lambda gone: _replayed(serving, who, trace_id, body.changes, gone)
    )


def _replayed(
    serving: Serving, who: Principal, trace_id: str, changes: Mapping[str, Any], gone: Gone
) -> ReplayReply:
    former = traced(trace_spans(who, trace_id))
    known = who.tenant.knows(former.solution)
    call = replace(timed(serving, gone), key=who.name)
    call.check_deadline()
    with who.tenant.using(former.solution if known else "") as space:
        try:
            found = replay(space, former, changes, who.asker, call)
        finally:
            serving.door.count(who, call.meter.usage)
            serving.metrics.used(call.meter.usage)
    return ReplayReply(
        former=told_trace(found.former),
        now=told_trace(found.now),
        moved=list(found.moved),
        same_answer=found.same_answer,
        otherwise=list(found.otherwise),
    )


def _listed(line: TraceLine) -> ListedTrace:
    return ListedTrace(
        trace_id=line.trace_id,
        name=line.name,
        start_ns=str(line.start_ns),
        ms=line.duration_ms,
        question=line.question,
        refused=line.refused,
        right=line.right,
        solution=line.solution,
        key=line.key,
        cost=line.cost,
        error=line.error,
    )
