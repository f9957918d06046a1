"""`/v1/responses`: a question over the documents, or over some vector stores, answered whole or as events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from surefoot.core.errors import SurefootError
from surefoot.core.filters import Filter
from surefoot.serve.answering import Answered, Question, ask
from surefoot.serve.desk import Done, Gone, Tell
from surefoot.serve.holdings import Holdings, holdings
from surefoot.serve.openai.chat_shapes import conversation_of
from surefoot.serve.openai.responses.events import Writer
from surefoot.serve.openai.responses.kept import Kept, Shelf
from surefoot.serve.openai.responses.shapes import Message, Reply, item_of, new_id
from surefoot.serve.openai.responses.wanted import RESULTS, FileSearch, ResponseRequest
from surefoot.serve.openai.stores import Stores, any_stored, nothing, within
from surefoot.serve.paging import Deleted, Listed, Paged, listed
from surefoot.serve.problems import Refused
from surefoot.serve.search import filter_of
from surefoot.serve.serving import Served, Serving
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/v1/responses", tags=["responses"])
Id = Annotated[str, Path(max_length=512)]
Include = Annotated[list[str], Query(alias="include[]", max_length=16)]
T = TypeVar("T")
_NS: Final = 10**9
_DAY_NS: Final = 86_400 * _NS


@router.post("", response_model=Reply, responses={200: {"content": {"text/event-stream": {}}}})
async def create(
    body: ResponseRequest, request: Request, response: Response, serving: Served, who: Who
) -> Any:
    """Answers the last user message, and keeps the response unless `store` is false."""
    who.require("ask")
    body.check()
    asked = _Asked(serving, who, body, str(request.base_url))
    if body.stream:
        events = serving.desk.stream(asked.streamed)
        first = await anext(events)  # what is refused at once is no stream
        return StreamingResponse(_joined(first, events), media_type="text/event-stream")
    reply = await serving.desk.run(request, asked.whole)
    if reply.surefoot is not None and reply.surefoot.cached:
        response.headers["X-Surefoot-Cached"] = "true"
    return reply.shown(results=asked.results)


@router.get("/{response_id}")
async def one(
    response_id: Id,
    request: Request,
    serving: Served,
    who: Who,
    include: Include = [],  # noqa: B006
    stream: bool = False,
) -> Reply:
    """A response that was kept."""
    who.require("ask")
    if stream:
        text = "a response that is kept is told whole: stream is not served"
        raise Refused(400, text, code="unsupported", param="stream")
    kept = await _do(request, serving, who, lambda shelf: shelf.get(response_id))
    return kept.reply.shown(results=RESULTS in include)


@router.delete("/{response_id}")
async def delete(response_id: Id, request: Request, serving: Served, who: Who) -> Deleted:
    """Forgets a response; what follows on it can be read, and not be gone on with."""
    who.require("ask")
    await _do(request, serving, who, lambda shelf: shelf.delete(response_id))
    return Deleted(id=response_id, object="response")


@router.post("/{response_id}/cancel")
async def cancel(response_id: Id, request: Request, serving: Served, who: Who) -> Reply:
    """Stops a response that is being streamed; it is not kept."""
    who.require("ask")
    if serving.streams.stop(response_id, who):
        return Reply(
            id=response_id, created_at=serving.clock_ns() // _NS, model="", status="cancelled"
        )
    await _do(request, serving, who, lambda shelf: shelf.get(response_id))
    raise Refused(400, "the response is completed", code="invalid", param="response_id")


@router.get("/{response_id}/input_items")
async def input_items(
    response_id: Id, request: Request, serving: Served, who: Who, page: Paged
) -> Listed[Message]:
    """The messages that a response answers, without those of the responses before it."""
    who.require("ask")
    kept = await _do(request, serving, who, lambda shelf: shelf.get(response_id))
    some, more = page.of(kept.input)
    return Listed[Message](**listed(some, more))


async def _do(request: Request, serving: Serving, who: Principal, work: Callable[[Shelf], T]) -> T:
    def done(_: Gone) -> T:
        with holdings(who) as held:
            return work(_shelf(serving, who, held))

    return await serving.desk.run(request, done)


def _shelf(serving: Serving, who: Principal, held: Holdings) -> Shelf:
    days = serving.settings.response_keep_days
    return Shelf(who, held.records, serving.clock_ns() - days * _DAY_NS)


async def _joined(first: str, others: AsyncIterator[Any]) -> AsyncIterator[str]:
    yield first
    async for event in others:
        if not isinstance(event, Done):
            yield event


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that is answered; `base` is the server's address."""

    serving: Serving
    who: Principal
    body: ResponseRequest
    base: str

    @property
    def results(self) -> bool:
        """Whether it is told what was found."""
        return RESULTS in (self.body.include or ())

    def whole(self, gone: Gone) -> Reply:
        """The response at once."""
        with self._begun(lambda _: None) as (writer, question, held):
            found = ask(self.serving, self.who, question, gone)
            reply = writer.end(found, self.base, self.body.told(found))
            self._keep(held, reply, found)
        return reply

    def streamed(self, gone: Gone, tell: Tell) -> None:
        """The response as events; what is wrong before the first of them is raised."""
        with self._begun(tell) as (writer, question, held):
            streams, id = self.serving.streams, writer.reply.id
            stopped = streams.begin(id, self.who)
            try:
                found = ask(
                    self.serving,
                    self.who,
                    question,
                    lambda: gone() or stopped.is_set(),
                    writer.text,
                    writer.step,
                )
                if streams.end(id):
                    writer.cancelled()
                    return
                self._keep(held, writer.end(found, self.base, self.body.told(found)), found)
                writer.completed()
            except (SurefootError, Refused) as problem:
                if streams.end(id) and writer.begun:
                    writer.cancelled()
                elif writer.begun:
                    writer.failed(problem)
                else:
                    raise
            finally:
                streams.end(id)

    @contextmanager
    def _begun(self, tell: Tell) -> Iterator[tuple[Writer, Question, Holdings]]:
        body, tool = self.body, self.body.searched
        with holdings(self.who) as held:
            before = _shelf(self.serving, self.who, held).conversation(body.previous_response_id)
            text, history = conversation_of([*before, *body.messages], "input")
            filter = self._filter(held, tool) if tool else None
            question = Question(
                text, model=body.model, history=history, filter=filter, wish=body.wish
            )
            most = tool.max_num_results if tool else None
            yield (
                Writer(self._reply(), text, held.uploads, tell, results=self.results, most=most),
                question,
                held,
            )

    def _filter(self, held: Holdings, tool: FileSearch) -> Filter:
        wanted = filter_of(tool.filters)
        stores = Stores(held, self.serving.clock_ns())
        named = [stores.usable(id) for id in tool.vector_store_ids]
        return within(named, wanted) if any_stored(self.who, self.body.model) else nothing()

    def _reply(self) -> Reply:
        body = self.body
        return Reply(
            id=new_id("resp"),
            created_at=self.serving.clock_ns() // _NS,
            model=body.model or self.who.model or self.who.tenant.default.solution.name,
            instructions=body.instructions,
            metadata=body.metadata or {},
            previous_response_id=body.previous_response_id or None,
            store=body.store is not False and self.serving.settings.response_keep_days > 0,
            tools=[body.searched] if body.searched else [],
        )

    def _keep(self, held: Holdings, reply: Reply, found: Answered) -> None:
        if reply.store:
            items = [item_of(message) for message in self.body.messages]
            steps = [step.after.hits for step in found.asked.steps]
            told = [hit.chunk for hits in (*steps, found.asked.turn.hits) for hit in hits]
            told += [citation.chunk for citation in found.answer.citations]
            documents = tuple(dict.fromkeys(chunk.document_id for chunk in told))
            kept = Kept(reply, items, documents)
            _shelf(self.serving, self.who, held).keep(kept, self.serving.clock_ns())
