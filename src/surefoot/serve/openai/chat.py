"""`/v1/chat/completions`: a question with its conversation, answered by a solution, whole or streamed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from surefoot.core.errors import SurefootError
from surefoot.serve.answering import Answered, Question, ask
from surefoot.serve.desk import Done, Gone, Tell
from surefoot.serve.openai.chat_shapes import (
    ChatCompletion,
    ChatRequest,
    citations,
    completion,
    extras,
    question_of,
    token_usage,
)
from surefoot.serve.problems import Refused, refusal_of
from surefoot.serve.serving import Served, Serving
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/v1/chat", tags=["chat"])
_NS: Final = 10**9


@router.post("/completions", response_model=ChatCompletion)
async def create(
    body: ChatRequest, request: Request, response: Response, serving: Served, who: Who
) -> Any:
    """Answers the last user message over the documents, with the messages before it as the conversation."""
    who.require("ask")
    question = question_of(body)
    created = serving.clock_ns() // _NS
    if body.stream:
        stream = _Stream(body, str(request.base_url), created)
        events = stream.events(_told(serving, who, question))
        first = await anext(events)  # what is refused at once is no stream
        return StreamingResponse(_joined(first, events), media_type="text/event-stream")
    found = await serving.desk.run(request, lambda gone: ask(serving, who, question, gone))
    if found.cached:
        response.headers["X-Surefoot-Cached"] = "true"
    return completion(found, body, str(request.base_url), created)


@dataclass(slots=True)
class _Stream:
    """Writes the events of one reply; `created` in unix seconds."""

    body: ChatRequest
    base: str
    created: int
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid4().hex}")

    @property
    def _tells_usage(self) -> bool:
        options = self.body.stream_options
        return options is not None and options.include_usage

    async def events(self, told: AsyncIterator[Any]) -> AsyncIterator[str]:
        """One event after the other; a problem before the first of them is raised."""
        sent = ""
        try:
            async for item in told:
                if isinstance(item, Done):
                    for event in self._end(item.result, sent):
                        yield event
                    return
                if not sent:
                    yield self._chunk({"role": "assistant", "content": ""})
                sent += item
                yield self._chunk({"content": item})
        except (SurefootError, Refused) as problem:
            if not sent:
                raise
            yield _failed(problem)

    def _end(self, found: Answered, sent: str) -> list[str]:
        """What follows the text that was streamed."""
        answer = found.answer
        made = [] if sent else [self._chunk({"role": "assistant", "content": ""})]
        if rest := _rest(answer.text, sent):
            made.append(self._chunk({"content": rest}))
        if cited := citations(answer, self.base):
            made.append(self._chunk({"annotations": [one.model_dump() for one in cited]}))
        made.append(
            self._chunk({}, "stop", surefoot=extras(found, self.body.told(found)).model_dump())
        )
        if self._tells_usage:
            usage = token_usage(found.usage).model_dump()
            made.append(_event({**self._head(), "choices": [], "usage": usage}))
        return [*made, "data: [DONE]\n\n"]

    def _head(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.body.model,
        }

    def _chunk(self, delta: dict[str, Any], finish: str | None = None, **more: Any) -> str:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]
        usage = {"usage": None} if self._tells_usage else {}
        return _event({**self._head(), "choices": choices, **usage, **more})


def _told(serving: Serving, who: Principal, question: Question) -> AsyncIterator[Any]:
    def work(gone: Gone, tell: Tell) -> Answered:
        return ask(serving, who, question, gone, tell)

    return serving.desk.stream(work)


async def _joined(first: str, others: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for one in others:
        yield one


def _rest(text: str, sent: str) -> str:
    """What of the answer was not streamed yet; what was streamed and is not its beginning is followed by all of it."""
    if text.startswith(sent):
        return text.removeprefix(sent)
    return f"\n\n{text}"


def _failed(problem: SurefootError | Refused) -> str:
    told = problem if isinstance(problem, Refused) else refusal_of(problem)
    return _event({"error": {"message": told.message, "type": "server_error", "code": told.code}})


def _event(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"
