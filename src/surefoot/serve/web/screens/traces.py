"""Traces: past questions, one of them stage by stage with every rank, and the same question asked otherwise."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from surefoot.run.traced import Traced, TracedStage, traced
from surefoot.run.workspace import Workspace
from surefoot.serve.answering import web_address
from surefoot.serve.own.traces import TraceId, trace_spans
from surefoot.serve.own.tracing import ReplayRequest, TraceFilters, replayed, traces
from surefoot.serve.serving import Served
from surefoot.serve.web import how
from surefoot.serve.web.answers import path_of
from surefoot.serve.web.page import Shown
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/ui/traces", include_in_schema=False)
_SHOWN: Final = 30
_TRUTH: Final = {"": None, "yes": True, "no": False}
Choice = Literal["", "yes", "no"]


class Wanted(BaseModel):
    """Which past questions: by their words, and by what came of them."""

    text: Annotated[str, Field(max_length=500)] = ""
    refused: Choice = ""
    judged: Choice = ""
    before: Annotated[str, Field(pattern=r"^(\d{1,20}-[0-9a-f]{32})?$")] = ""

    def filters(self) -> TraceFilters:
        """What `/api/traces` takes."""
        return TraceFilters(
            text=self.text,
            refused=_TRUTH[self.refused],
            judged=_TRUTH[self.judged],
            before=self.before,
            limit=_SHOWN,
        )


class ReplayForm(BaseModel):
    """A setting by its whole path, and its new value as JSON or plain text."""

    path: Annotated[str, Field(max_length=250)]
    value: Annotated[str, Field(max_length=2000)]

    def request(self) -> ReplayRequest:
        """What `/api/traces/ID/replay` takes."""
        try:
            value = json.loads(self.value)
        except ValueError:
            value = self.value
        return ReplayRequest(set={self.path: value})


@router.get("", response_model=None)
async def page(
    view: Shown, serving: Served, who: Who, wanted: Annotated[Wanted, Query()]
) -> HTMLResponse:
    """Past questions, the newest first, found by their words and by what came of them."""
    found = await traces(wanted.filters(), view.request, serving, who)
    told = how.How(how.command("trace", "list"), how.call(view.base, f"/api/traces?limit={_SHOWN}"))
    name = "traces/list.html" if view.is_part else "traces/page.html"
    return view.show(name, how=told, found=found, wanted=wanted, moment=moment)


@router.get("/{trace_id}", response_model=None)
async def one(trace_id: TraceId, view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """One question: where its time went, what each stage did to its hits, prompts and replies."""
    who.require("ask")

    def read() -> tuple[Traced, dict[str, Any]]:
        found = traced(trace_spans(who, trace_id))
        known = who.tenant.knows(found.solution)
        with who.tenant.using(found.solution if known else "") as space:
            return found, changeable(space, found, who)

    found, settings = await serving.desk.run(view.request, lambda _: read())
    told = how.How(
        how.command("trace", "show", trace_id), how.call(view.base, f"/api/traces/{trace_id}")
    )
    return view.show(
        "traces/one.html",
        how=told,
        trace=found,
        settings=settings,
        bars=[bar(found, stage) for stage in found.stages],
        moment=moment,
        path_of=path_of,
        web_address=web_address,
    )


@router.post("/{trace_id}/replay", response_model=None)
async def again(
    trace_id: TraceId,
    view: Shown,
    serving: Served,
    who: Who,
    form: Annotated[ReplayForm, Form()],
) -> HTMLResponse:
    """Asks again with one setting changed, and shows what differs."""
    body = form.request()
    found = await replayed(trace_id, body, view.request, serving, who)
    told = how.How(
        how.command("ask", found.former.question, "--set", f"{form.path}={form.value}"),
        how.call(
            view.base, f"/api/traces/{trace_id}/replay", body.model_dump(exclude_defaults=True)
        ),
    )
    texts = {
        hit.chunk_id: hit for trace in (found.former, found.now) for hit in _hits(trace.stages)
    }
    return view.show("traces/replayed.html", how=told, found=found, form=form, texts=texts)


def moment(start_ns: str | int) -> str:
    """Unix nanoseconds as this machine's date and time."""
    return datetime.fromtimestamp(int(start_ns) / 1e9).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def bar(trace: Traced, stage: TracedStage) -> tuple[float, float]:
    """Where a stage begins and how long it took, in hundredths of the whole; a short one can still be seen."""
    whole = max(trace.ms, 1e-9)
    begin = min(99.5, 100 * stage.begin_ms / whole)
    return round(begin, 2), round(max(0.5, min(100 - begin, 100 * stage.ms / whole)), 2)


def changeable(space: Workspace, trace: Traced, who: Principal) -> dict[str, Any]:
    """Settings of the stages that a replay may change, by path, with their present values."""
    whole = space.solution.model_dump(mode="json")
    may_name = who.key is None or who.key.may("admin")
    found: dict[str, Any] = {}
    for stage in trace.stages:
        try:
            settings = _at(whole, stage.path)
        except (KeyError, IndexError, ValueError, TypeError):
            continue  # the solution file was changed since: it has no such stage any more
        for name, value in settings.items():
            plain = isinstance(value, bool | int | float) or (isinstance(value, str) and may_name)
            if name != "kind" and plain:
                found[f"{stage.path}.{name}"] = value
    return found


def _at(whole: Any, path: str) -> dict[str, Any]:
    for part in path.split("."):
        whole = whole[int(part)] if isinstance(whole, list) else whole[part]
    if not isinstance(whole, dict):
        raise TypeError(path)
    return whole


def _hits(stages: list[TracedStage]) -> list[Any]:
    return [hit for stage in stages for hit in stage.ranks]
