"""`POST /api/ask`: an answer with all its evidence, whole or as events `stage`, `text`, `answer`, `error`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from surefoot.core.errors import SurefootError
from surefoot.core.steps import Step
from surefoot.serve.answering import Answered, Question, ask
from surefoot.serve.desk import Done, Gone, Tell
from surefoot.serve.own.shapes import AskReply, AskRequest, ask_reply, stage
from surefoot.serve.problems import Refused, refusal_of
from surefoot.serve.search import filter_of
from surefoot.serve.serving import Served, Serving
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/api/ask", tags=["surefoot"])


@router.post("", response_model=AskReply)
async def create(body: AskRequest, request: Request, serving: Served, who: Who) -> Any:
    """Answers from the documents that the key may read, with hits, stages and citations."""
    who.require("ask")
    question = _question(body)
    base = str(request.base_url)
    if body.stream:
        told = serving.desk.stream(partial(_work, serving, who, question))
        first = await anext(told)  # what is refused at once is no stream
        return StreamingResponse(_events(first, told, base), media_type="text/event-stream")
    found = await serving.desk.run(request, lambda gone: ask(serving, who, question, gone))
    return ask_reply(found, base)


def _question(body: AskRequest) -> Question:
    return Question(
        body.question,
        model=body.model,
        history=tuple((one.question, one.answer) for one in body.history),
        filter=filter_of(body.filters),
        seed=body.seed,
    )


def _work(serving: Serving, who: Principal, question: Question, gone: Gone, tell: Tell) -> Answered:
    return ask(serving, who, question, gone, on_text=tell, on_step=tell)


async def _events(first: Any, told: AsyncIterator[Any], base: str) -> AsyncIterator[str]:
    try:
        yield _event(first, base)
        async for item in told:
            yield _event(item, base)
    except (SurefootError, Refused) as problem:
        refused = problem if isinstance(problem, Refused) else refusal_of(problem)
        yield _sse("error", {"message": refused.message, "code": refused.code or None})


def _event(item: Any, base: str) -> str:
    if isinstance(item, Done):
        return _sse("answer", ask_reply(item.result, base).model_dump())
    if isinstance(item, Step):
        return _sse("stage", stage(item).model_dump())
    return _sse("text", {"text": item})


def _sse(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
