"""Asking: the answer as it comes, chips that open the cited span, two solutions side by side, verdicts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import BaseModel, Field

from surefoot.core.errors import SurefootError
from surefoot.core.steps import Step
from surefoot.serve.answering import MAX_QUESTION, Question, ask, web_address
from surefoot.serve.desk import Done, Gone, Tell
from surefoot.serve.own.traces import FeedbackRequest, feedback
from surefoot.serve.problems import Refused, refusal_of
from surefoot.serve.search import filter_of
from surefoot.serve.serving import Served, Serving
from surefoot.serve.web import how
from surefoot.serve.web.answers import evidence, path_of, pieces, place_of, sources
from surefoot.serve.web.page import HEADERS, Shown, View
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/ui/ask", include_in_schema=False)
_EVERY_S: Final = 0.08
_FILTER_ROWS: Final = 3
Words = Annotated[str, Field(max_length=MAX_QUESTION)]
Name = Annotated[str, Field(max_length=200)]


class AskForm(BaseModel):
    """A question with the conversation before it: `said` and `heard` in turn; `beside` is a second solution."""

    question: Annotated[str, Field(min_length=1, max_length=MAX_QUESTION)]
    model: Name = ""
    beside: Name = ""
    said: Annotated[list[Words], Field(max_length=200)] = []
    heard: Annotated[list[Words], Field(max_length=200)] = []
    key: Annotated[list[Name], Field(max_length=_FILTER_ROWS)] = []
    type: Annotated[list[Name], Field(max_length=_FILTER_ROWS)] = []
    value: Annotated[list[Name], Field(max_length=_FILTER_ROWS)] = []
    second: bool = False

    def filters(self) -> dict[str, Any] | None:
        """The rows that are filled in, all of which must hold, as `/v1/search` takes them."""
        rows = [
            {"type": type, "key": key.strip(), "value": _typed(value)}
            for type, key, value in zip(self.type, self.key, self.value, strict=False)
            if key.strip()
        ]
        if len(rows) < 2:
            return rows[0] if rows else None
        return {"type": "and", "filters": rows}


class Wanted(BaseModel):
    """What the screen is opened with."""

    q: Words = ""
    model: Name = ""
    beside: Name = ""


@router.get("", response_model=None)
async def page(
    view: Shown, serving: Served, who: Who, wanted: Annotated[Wanted, Query()]
) -> HTMLResponse:
    """The screen, with a question filled in and solutions or trained models chosen where they are given."""
    who.require("ask")
    models, trained = await serving.desk.run(view.request, lambda _: _models(who))
    joined = [one for one in (wanted.model, wanted.beside) if one not in ("", *models, *trained)]
    return view.show(
        "ask/page.html",
        how=_how(view, wanted.q or view.say("ask.example"), None),
        question=wanted.q,
        model=wanted.model,
        beside=wanted.beside,
        models=models,
        trained=[*trained, *(one for one in joined if who.tenant.knows(one))],
        rows=_FILTER_ROWS,
    )


@router.post("", response_model=None)
async def question(view: Shown, who: Who, form: Annotated[AskForm, Form()]) -> HTMLResponse:
    """The question in the thread, with a place for each answer that asks for it itself."""
    who.require("ask")
    models = [form.model, *([form.beside] if form.beside and form.beside != form.model else [])]
    told = _how(view, form.question, form)
    own = who.tenant.default.solution.name
    return view.show("ask/exchange.html", how=told, form=form, models=models, own=own)


@router.post("/answer", response_model=None)
async def answer(
    view: Shown, serving: Served, who: Who, form: Annotated[AskForm, Form()]
) -> StreamingResponse:
    """The answer as events, each the whole place as it is by then; the last has checked citations."""
    who.require("ask")
    asked = Question(
        form.question,
        model=form.model,
        history=tuple(zip(form.said, form.heard, strict=False)),
        filter=filter_of(form.filters()),
    )
    told = serving.desk.stream(partial(_work, serving, who, asked))
    events = _events(view, told, form)
    return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)


@router.post("/feedback", response_model=None)
async def verdict(
    view: Shown, serving: Served, who: Who, form: Annotated[FeedbackRequest, Form()]
) -> HTMLResponse:
    """Keeps what somebody says of an answer."""
    await feedback(form, view.request, serving, who)
    return view.show("ask/kept.html", form=form)


def _models(who: Principal) -> tuple[list[str], list[str]]:
    """The solutions, and the names of the trained models that can be asked."""
    tenant = who.tenant
    return tenant.models(), [tenant.name_of(one) for one in tenant.adapters()]


def _work(serving: Serving, who: Principal, asked: Question, gone: Gone, tell: Tell) -> Any:
    return ask(serving, who, asked, gone, on_text=tell, on_step=tell)


async def _events(view: View, told: AsyncIterator[Any], form: AskForm) -> AsyncIterator[str]:
    """Renders what is told; text and stages at most every 80 ms, so that a fast model does not flood the page."""
    import asyncio

    clock = asyncio.get_running_loop().time
    steps: list[Step] = []
    text, shown_s = "", 0.0
    try:
        async for item in told:
            if isinstance(item, Done):
                yield _message(_answered(view, item.result, form))
                return
            if isinstance(item, Step):
                steps.append(item)
            else:
                text += item
            if clock() - shown_s >= _EVERY_S:
                shown_s = clock()
                yield _message(view.text("ask/coming.html", steps=steps, text=text))
    except (SurefootError, Refused) as problem:
        refused = problem if isinstance(problem, Refused) else refusal_of(problem)
        hint = problem.hint if isinstance(problem, SurefootError) else ""
        yield _message(view.text("notice.html", problem=refused, hint=hint))


def _answered(view: View, found: Any, form: AskForm) -> str:
    return view.text(
        "ask/answer.html",
        found=found,
        answer=found.answer,
        pieces=pieces(found.answer),
        sources=sources(found.answer),
        evidence=evidence(found.answer),
        place_of=place_of,
        path_of=path_of,
        web_address=web_address,
        form=form,
        seconds=sum(step.seconds for step in found.asked.steps),
    )


def _message(html: str) -> str:
    """One event of a stream of server-sent events."""
    return "".join(f"data: {line}\n" for line in html.splitlines()) + "\n"


def _how(view: View, question: str, form: AskForm | None) -> how.How:
    body: dict[str, Any] = {"question": question}
    words: Sequence[str] = ("ask", question)
    if form is not None and form.model:
        body["model"] = form.model
        words = (*words, *_named(view, form.model))
    if form is not None and (filters := form.filters()) is not None:
        body["filters"] = filters
        words = (*words, "--filter", json.dumps(filters, ensure_ascii=False))
    return how.How(how.command(*words), how.call(view.base, "/api/ask", body))


def _named(view: View, model: str) -> Sequence[str]:
    """The options of the command line that name the same; none for the workspace's own solution."""
    tenant = view.who.tenant if view.who else None
    if tenant is None or not tenant.knows(model):
        return ("--solution", model)
    solution, adapter = tenant.part(model)
    own = solution == tenant.default.solution.name
    return (
        *(() if own else ("--solution", solution)),
        *(("--adapter", adapter) if adapter else ()),
    )


def _typed(text: str) -> str | int | float | bool:
    """A number or truth value where the text reads as one."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, int | float | bool) else text
