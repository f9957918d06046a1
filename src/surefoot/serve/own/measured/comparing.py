"""`/api/runs/compare` and `/api/frontier`: what tells two runs apart, and all solutions on one eval set as points."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from surefoot.config.flat import SettingGap, settings_gaps
from surefoot.evaluate.comparing import Difference, compare_runs
from surefoot.evaluate.pairing import Outcome, PairedQuestion, paired_questions
from surefoot.evaluate.runs import KeptRun, load_run
from surefoot.optimize.measured import Measured, measured
from surefoot.serve.own.measured.runs import OwnRun, own_run
from surefoot.serve.own.rights import require_owner
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/api", tags=["evaluation"])
_ID = r"([0-9a-f]{4,64}|last)"
_IDS = rf"^{_ID},{_ID}$"


class RunsCompared(BaseModel):
    """Two runs over the questions that both asked: each difference with its interval and verdict in words.

    `outcomes` counts what the other run won and lost by `metric`; `settings` are those that differ.
    """

    base: OwnRun
    other: OwnRun
    metric: str
    metrics: list[Difference]
    expenses: list[Difference]
    outcomes: dict[Outcome, int]
    settings: list[SettingGap]
    notes: list[str]


class PairedQuestions(BaseModel):
    """Questions that both runs asked, the greatest losses of the other run first, then its wins."""

    data: list[PairedQuestion]
    metric: str
    total: int
    next: int | None


class PairFilters(BaseModel):
    """Which two runs, base and other; by which metric, the base's headline if none; which outcomes."""

    ids: Annotated[str, Field(pattern=_IDS)]
    metric: Annotated[str, Field(max_length=100)] = ""
    outcome: Outcome | None = None
    first: Annotated[int, Field(ge=0, lt=2**31)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 50


@router.get("/runs/compare")
async def compare(
    ids: Annotated[str, Query(pattern=_IDS, description="Base and other, comma between.")],
    request: Request,
    serving: Served,
    who: Who,
    seed: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> RunsCompared:
    """Compares two runs question by question, with verdicts in English and Chinese."""
    require_owner(who)
    return await serving.desk.run(request, lambda _: _compared(who, ids, seed))


@router.get("/runs/compare/questions")
async def compared_questions(
    wanted: Annotated[PairFilters, Query()], request: Request, serving: Served, who: Who
) -> PairedQuestions:
    """The questions that two runs asked, side by side."""
    require_owner(who)

    def read() -> PairedQuestions:
        base, other = _pair(who, wanted.ids)
        metric = wanted.metric or _headline(base)
        found = paired_questions(base, other, metric)
        found = [one for one in found if wanted.outcome in (None, one.outcome)]
        end = wanted.first + wanted.limit
        return PairedQuestions(
            data=found[wanted.first : end],
            metric=metric,
            total=len(found),
            next=end if len(found) > end else None,
        )

    return await serving.desk.run(request, lambda _: read())


@router.get("/frontier")
async def frontier(
    evalset: Annotated[str, Query(min_length=1, max_length=512)],
    request: Request,
    serving: Served,
    who: Who,
    metric: Annotated[str, Query(max_length=100)] = "",
) -> Measured:
    """The newest run of each solution on an eval set as quality, cost and latency, each with its interval."""
    require_owner(who)

    def read() -> Measured:
        with who.tenant.using() as space:
            return measured(space, evalset, metric=metric)

    found = await serving.desk.run(request, lambda _: read())
    if not found.evalset_digest:
        raise Refused(404, f"nothing was measured on {evalset!r}", code="not_found")
    return found


def _compared(who: Principal, ids: str, seed: int) -> RunsCompared:
    base, other = _pair(who, ids)
    found = compare_runs(base, other, seed=seed)
    metric = _headline(base)
    outcomes = Counter(one.outcome for one in paired_questions(base, other, metric))
    first, second = (one.run.details.get("settings", {}) for one in (base, other))
    return RunsCompared(
        base=own_run(base.run),
        other=own_run(other.run),
        metric=metric,
        metrics=list(found.metrics),
        expenses=list(found.expenses),
        outcomes={"won": outcomes["won"], "lost": outcomes["lost"], "even": outcomes["even"]},
        settings=list(settings_gaps(first, second)),
        notes=list(found.notes),
    )


def _pair(who: Principal, ids: str) -> tuple[KeptRun, KeptRun]:
    base, _, other = ids.partition(",")
    with who.tenant.using() as space:
        return load_run(space, base), load_run(space, other)


def _headline(kept: KeptRun) -> str:
    return str(kept.run.details.get("headline", ""))
