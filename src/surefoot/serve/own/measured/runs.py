"""`/api/runs`: finished runs in pages, one with all its scores, and its questions with the failing ones first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field, TypeAdapter

from surefoot.core.types import Score
from surefoot.evaluate.rows import row_from_plain
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.stale import Staleness, states_of
from surefoot.serve.own.rights import require_owner
from surefoot.serve.serving import Served
from surefoot.serve.who import Principal, Who
from surefoot.store.runs import Run

router = APIRouter(prefix="/api/runs", tags=["evaluation"])
RunId = Annotated[str, Path(pattern=r"^([0-9a-f]{4,64}|last)$")]
_LATEST_NS: Final = 2**63 - 1
_SCORES: Final = TypeAdapter(list[Score])


class OwnRun(BaseModel):
    """A finished run: `at_ns` in unix nanoseconds as text, `headline` its main score."""

    id: str
    kind: str
    at_ns: str
    solution: str
    solution_digest: str
    evalset: str
    evalset_digest: str
    corpus: str
    questions: int
    headline: Score | None


class OwnRuns(BaseModel):
    """The newest first; `next` is what to give as `before` for those that follow, empty at the end."""

    data: list[OwnRun]
    next: str


class RunSummary(OwnRun):
    """A run with all that is kept of it but its questions.

    `scores` have a 95 % interval over `n` questions. `expense` is what the questions took, `machine` has peak memory
    and the index in bytes. `documents` says which questions a change of documents has touched since.
    """

    seed: int
    task: str
    failures: int
    scores: list[Score]
    expense: dict[str, Any]
    machine: dict[str, Any]
    settings: dict[str, Any]
    command: str
    versions: dict[str, str]
    left_out: list[str]
    documents: Staleness | None


class DeletedRun(BaseModel):
    """A run that is gone."""

    id: str
    deleted: bool = True


class RunQuestions(BaseModel):
    """Questions of a run by `metric`, the worst first; `total` counts all that were wanted."""

    data: list[Row]
    metric: str
    total: int
    next: int | None


class RunFilters(BaseModel):
    """Which runs: of a kind, of eval sets of a name; `before` is `next` of the former page."""

    kind: Annotated[str, Field(pattern=r"^[a-z-]{0,64}$")] = ""
    evalset: Annotated[str, Field(max_length=512)] = ""
    before: Annotated[str, Field(pattern=r"^([0-9]{1,20}-[0-9a-f]{1,64})?$")] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 20


class RowFilters(BaseModel):
    """Which questions: `failing` have less than a full value, `failed` no answer; `first` is the place to begin at."""

    show: Literal["all", "failing", "failed", "refused"] = "all"
    metric: Annotated[str, Field(max_length=100)] = ""
    text: Annotated[str, Field(max_length=500)] = ""
    tag: Annotated[str, Field(max_length=200)] = ""
    first: Annotated[int, Field(ge=0, lt=2**31)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 50


@router.get("")
async def runs(
    wanted: Annotated[RunFilters, Query()], request: Request, serving: Served, who: Who
) -> OwnRuns:
    """Evaluations, optimizations and tunings of the workspace, the newest first."""
    who.require("admin")
    at, _, id = wanted.before.partition("-")
    before = (min(int(at), _LATEST_NS), id) if at else None

    def read() -> list[Run]:
        with who.tenant.using() as space:
            return space.runs.runs(
                limit=wanted.limit + 1,
                kind=wanted.kind or None,
                evalset=wanted.evalset or None,
                before=before,
            )

    found = await serving.desk.run(request, lambda _: read())
    last = found[wanted.limit - 1] if len(found) > wanted.limit else None
    return OwnRuns(
        data=[own_run(run) for run in found[: wanted.limit]],
        next=f"{last.at_ns}-{last.id}" if last else "",
    )


@router.get("/{run_id}")
async def one_run(run_id: RunId, request: Request, serving: Served, who: Who) -> RunSummary:
    """A run with its scores, what it took, its settings and the command that repeats it."""
    require_owner(who)
    return await serving.desk.run(request, lambda _: _summary(who, run_id))


@router.delete("/{run_id}")
async def delete(run_id: RunId, request: Request, serving: Served, who: Who) -> DeletedRun:
    """Deletes a run with its questions."""
    require_owner(who)

    def work() -> str:
        with who.tenant.using() as space:
            found = space.runs.run(run_id)
            space.runs.delete(found.id)
        return found.id

    return DeletedRun(id=await serving.desk.run(request, lambda _: work()))


@router.get("/{run_id}/questions")
async def questions(
    run_id: RunId,
    wanted: Annotated[RowFilters, Query()],
    request: Request,
    serving: Served,
    who: Who,
) -> RunQuestions:
    """The questions of a run, those that failed first, then by their value."""
    require_owner(who)

    def read() -> RunQuestions:
        with who.tenant.using() as space:
            run = space.runs.run(run_id)
            rows = space.runs.rows(run.id)
        metric = wanted.metric or str(run.details.get("headline", ""))
        return _questions(rows, metric, wanted)

    return await serving.desk.run(request, lambda _: read())


def own_run(run: Run) -> OwnRun:
    """A run as it is listed."""
    return OwnRun(**_head(run))


def _head(run: Run) -> dict[str, Any]:
    scores = _SCORES.validate_python(run.details.get("scores", ()))
    headline = run.details.get("headline", "")
    return {
        "id": run.id,
        "kind": run.kind,
        "at_ns": str(run.at_ns),
        "solution": run.solution,
        "solution_digest": run.solution_digest,
        "evalset": run.evalset,
        "evalset_digest": run.evalset_digest,
        "corpus": run.corpus,
        "questions": int(run.details.get("questions", 0)),
        "headline": next((one for one in scores if one.metric == headline), None),
    }


def _summary(who: Principal, run_id: str) -> RunSummary:
    with who.tenant.using() as space:
        run = space.runs.run(run_id)
        state = states_of(space, [run]).get(run.id)
    said = run.details
    return RunSummary(
        **_head(run),
        seed=run.seed,
        task=said.get("task", ""),
        failures=said.get("failures", 0),
        scores=_SCORES.validate_python(said.get("scores", ())),
        expense=dict(said.get("expense", {})),
        machine=dict(said.get("machine", {})),
        settings=dict(said.get("settings", {})),
        command=said.get("command", ""),
        versions=dict(said.get("versions", {})),
        left_out=list(said.get("left_out", ())),
        documents=state,
    )


def _questions(rows: Sequence[Mapping[str, Any]], metric: str, wanted: RowFilters) -> RunQuestions:
    """Only the rows of the page are made values: all others are looked at as they are kept."""
    found = [row for row in rows if _is_wanted(row, metric, wanted)]
    found.sort(key=lambda row: (row.get("failure") is None, row["metrics"].get(metric, 1.0)))
    end = wanted.first + wanted.limit
    return RunQuestions(
        data=[row_from_plain(row) for row in found[wanted.first : end]],
        metric=metric,
        total=len(found),
        next=end if len(found) > end else None,
    )


def _is_wanted(row: Mapping[str, Any], metric: str, wanted: RowFilters) -> bool:
    failed = row.get("failure") is not None
    shown = {
        "all": True,
        "failing": failed or row["metrics"].get(metric, 1.0) < 1.0,
        "failed": failed,
        "refused": bool(row.get("refused")),
    }[wanted.show]
    text = wanted.text.casefold()
    said = text in row["question"].casefold() or text in row["id"].casefold()
    return shown and said and wanted.tag in ("", *row.get("tags", ()))
