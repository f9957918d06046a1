"""What was measured: sets, the frontier of quality and cost on one of them, and all runs."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from surefoot.optimize.measured import Measured, MeasuredPoint
from surefoot.optimize.report.page import Role, Solution
from surefoot.optimize.report.plot import frontier_plot
from surefoot.serve.own.evalsets.sets import all_sets
from surefoot.serve.own.measured.comparing import frontier
from surefoot.serve.own.measured.history import (
    FormerId,
    RollbackRequest,
    history,
    one_former,
    rollback,
)
from surefoot.serve.own.measured.runs import RunFilters, runs
from surefoot.serve.own.measured.solutions import PromoteRequest, put_in_force
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served
from surefoot.serve.web import how
from surefoot.serve.web.page import Shown
from surefoot.serve.web.screens.traces import moment
from surefoot.serve.who import Who

router = APIRouter(prefix="/ui/evaluate", include_in_schema=False)
_SHOWN: Final = 25
_FORMERS: Final = 10
NS: Final = 10**9
_RADIUS: Final = {"present": 6, "frontier": 5, "other": 3.5}


@router.get("", response_model=None)
async def page(
    view: Shown, serving: Served, who: Who, wanted: Annotated[RunFilters, Query()]
) -> HTMLResponse:
    """Sets, the frontier of the one that is chosen (else of the latest run), and runs in pages."""
    request = view.request
    wanted = wanted.model_copy(update={"limit": _SHOWN})
    found = await runs(wanted, request, serving, who)
    sets = await all_sets(request, serving, who)
    name = wanted.evalset or (found.data[0].evalset if found.data else "")
    points = await _points(view, serving, who, name)
    former = await history(request, serving, who)
    own = who.tenant.default.solution.name
    path = f"/api/frontier?evalset={name}" if name else "/api/runs"
    return view.show(
        "evaluate/page.html",
        how=how.How(how.command("runs", "list"), how.call(view.base, path)),
        sets=sets.data,
        runs=found,
        chosen=name,
        own=own,
        formers=former[:_FORMERS],
        ns=NS,
        measured=points,
        plot=frontier_plot(_solutions(points, own)) if points else None,
        radius=_RADIUS,
        first=not wanted.before,
        moment=moment,
    )


@router.post("/promote/{name}", response_model=None)
async def promoted(name: str, view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """Puts a solution of the workspace into force."""
    body = PromoteRequest(solution=name)
    done = await put_in_force(body, view.request, serving, who)
    told = how.How(
        how.command("promote", name),
        how.call(view.base, "/api/solutions/promote", {"solution": name}),
    )
    return view.show("evaluate/promoted.html", how=told, name=name, done=done)


@router.get("/history/{id}", response_model=None)
async def differs(id: FormerId, view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """What tells a former solution from the one in force."""
    found = await one_former(id, view.request, serving, who)
    return view.show("evaluate/differs.html", former=found)


@router.post("/history/{id}", response_model=None)
async def put_back(id: FormerId, view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """Makes a former solution the workspace's own again."""
    was = await one_former(id, view.request, serving, who)
    done = await rollback(RollbackRequest(id=id), view.request, serving, who)
    told = how.How(
        how.command("solutions", "rollback", was.id),
        how.call(view.base, "/api/solutions/rollback", {"id": was.id}),
    )
    return view.show(
        "evaluate/put_back.html", how=told, former=was, done=done, moment=moment, ns=NS
    )


async def _points(view: Shown, serving: Served, who: Who, name: str) -> Measured | None:
    if not name:
        return None
    try:
        return await frontier(name, view.request, serving, who)
    except Refused:
        return None  # a set that nobody has measured yet has no frontier


def _solutions(found: Measured, present: str) -> list[Solution]:
    return [_solution(one, found, present) for one in found.points]


def _solution(one: MeasuredPoint, found: Measured, present: str) -> Solution:
    role: Role = "present" if one.solution == present else "frontier" if one.ahead else "other"
    cost: dict[str, Any] = (
        {"usd": 1000 * one.cost.value} if found.cost_unit == "USD" else {"cpu_ms": one.cost.value}
    )
    return Solution(one.solution, role, one.quality, one.latency_ms.value, named=one.ahead, **cost)
