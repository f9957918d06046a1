"""`/api/advise`: the interview, and which method suits: why, what it costs, and what a comparison has measured."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from surefoot.optimize.advise.advice import Advice, Step
from surefoot.optimize.advise.drawing import draw_advice
from surefoot.optimize.advise.forms import Form
from surefoot.optimize.advise.interview import (
    AdviceLang,
    Answers,
    Question,
    interview,
    parse_answers,
)
from surefoot.optimize.advise.reasons import Reason
from surefoot.optimize.advise.rule import Path
from surefoot.optimize.advise.seen import look
from surefoot.optimize.advise.table import SideBySide
from surefoot.optimize.advise.weighing import Evidence
from surefoot.optimize.compare.result import Method
from surefoot.serve.own.rights import require_owner
from surefoot.serve.serving import Served, Serving
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/api/advise", tags=["evaluation"])
Key = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
Said = Annotated[str, Field(max_length=200)] | bool | Annotated[int, Field(ge=0, le=10**9)] | None


class Questions(BaseModel):
    """The interview in the order in which it is asked, each question in English and Chinese."""

    data: list[Question]


class AdviseRequest(BaseModel, extra="forbid"):
    """Answers by the key of their question; what is left out is looked up in the workspace, or stays open.

    `compare` names a comparison that the advice is drawn from: its id, or `last`.
    """

    answers: Annotated[dict[Key, Said], Field(max_length=50)] = {}
    lang: AdviceLang = "en"
    compare: Annotated[str, Field(pattern=r"^([0-9a-f]{4,64}|last)?$")] = ""


class AdviseReply(BaseModel):
    """The advice in one language: the path, why, what it costs, what to mind, and the steps with their commands.

    `answers` holds all that is known, `seen` what was looked up instead of asked, `open` the keys without an answer.
    `table` has the four methods side by side; `evidence` is what a comparison measured, null without one.
    """

    lang: AdviceLang
    path: Path
    form: Form
    title: str
    summary: str
    reasons: list[Reason]
    costs: list[str]
    mind: list[str]
    changes: list[str]
    methods: list[Method]
    steps: list[Step]
    table: list[SideBySide]
    seen: dict[str, str]
    assumed: list[str]
    evidence: Evidence | None
    answers: dict[str, str | bool | int]
    open: list[str]


@router.get("/questions")
async def questions(who: Who) -> Questions:
    """What the interview asks; every question may stay open."""
    who.require("ask")
    return Questions(data=list(interview().questions))


@router.post("")
async def advise(body: AdviseRequest, request: Request, serving: Served, who: Who) -> AdviseReply:
    """Which method suits. Who reads everything has the workspace looked at too, and may name a comparison."""
    who.require("ask")
    if body.compare:
        require_owner(who)
    told = parse_answers(body.answers)
    return await serving.desk.run(request, lambda _: _advised(serving, who, body, told))


def _advised(serving: Serving, who: Principal, body: AdviseRequest, told: Answers) -> AdviseReply:
    now = datetime.fromtimestamp(serving.clock_ns() / 1e9, UTC)
    with who.tenant.using() as space:
        mine = space if who.asker.is_owner else None
        answers, known = look(mine, now, body.lang).beside(told)
        found = draw_advice(mine, answers, known, body.lang, body.compare)
    return _reply(found, answers)


def _reply(found: Advice, answers: Answers) -> AdviseReply:
    return AdviseReply(
        lang=found.lang,
        path=found.path,
        form=found.form,
        title=found.title,
        summary=found.summary,
        reasons=list(found.reasons),
        costs=list(found.costs),
        mind=list(found.mind),
        changes=list(found.changes),
        methods=list(found.methods),
        steps=list(found.steps),
        table=list(found.table),
        seen=dict(found.seen),
        assumed=list(found.assumed),
        evidence=found.evidence,
        answers=answers.given(),
        open=[one.key for one in interview().open(answers)],
    )
