"""Writes a response as it comes about, and tells each part of it as an event, in the order of the protocol."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from surefoot.core.errors import SurefootError
from surefoot.core.steps import Step
from surefoot.core.types import Turn
from surefoot.serve.answering import Answered
from surefoot.serve.openai.chat_shapes import extras
from surefoot.serve.openai.responses.shapes import (
    Failure,
    Message,
    Reply,
    SearchCall,
    Text,
    cited,
    new_id,
    results_of,
    usage_of,
)
from surefoot.serve.problems import Refused, refusal_of
from surefoot.store.uploads import UploadBook


class Writer:
    """Fills in `reply`; `results` says whether events tell what was found, `most` how much of it is told at most."""

    def __init__(
        self,
        reply: Reply,
        question: str,
        uploads: UploadBook,
        tell: Callable[[str], None],
        *,
        results: bool,
        most: int | None,
    ) -> None:
        self.reply = reply
        self.begun = False
        self._uploads = uploads
        self._tell = tell
        self._results = results
        self._most = most
        self._number = 0
        self._sent = ""
        self._answering = False
        self._searched = False
        self._turn: Turn | None = None
        self._search = SearchCall(id=new_id("fs"), status="in_progress", queries=[question])
        self._message = Message(id=new_id("msg"), role="assistant", status="in_progress")

    def step(self, step: Step) -> None:
        """A stage has ended."""
        self._turn = _given(self._turn, step)
        self._begin()

    def text(self, piece: str) -> None:
        """A piece of the answer was written."""
        self._found(self._turn)
        self._delta(piece)

    def end(self, found: Answered, base: str, told: Sequence[str]) -> Reply:
        """The answer is there; `base` is the server's address, `told` what of the request it does not follow."""
        turn: Turn | None = None
        for step in found.asked.steps:
            turn = _given(turn, step)
        turn = turn or found.asked.turn
        self._found(turn)
        self._tell_search(turn)
        answer = found.answer
        self._delta(_rest(answer.text, self._sent))
        shift = len(self._sent) - len(answer.text)
        annotations = cited(answer, base, self._uploads, shift)
        for index, one in enumerate(annotations):
            mark = {"annotation_index": index, "annotation": one.model_dump()}
            self._at("output_text.annotation.added", **mark)
        part = Text(text=self._sent, annotations=annotations)
        self._at("output_text.done", text=self._sent, logprobs=[])
        self._at("content_part.done", part=part.model_dump())
        self._message.content, self._message.status = [part], "completed"
        self._item("done", 1, self._message)
        self.reply.output = [self._search, self._message]
        self.reply.status = "completed"
        self.reply.usage = usage_of(found.usage)
        self.reply.surefoot = extras(found, told)
        return self.reply

    def completed(self) -> None:
        """Tells the whole response."""
        self._whole("completed")

    def cancelled(self) -> None:
        """Tells that it was stopped."""
        self.reply.status = "cancelled"
        self._whole("incomplete")  # the one event of the protocol for what was not finished

    def failed(self, problem: SurefootError | Refused) -> None:
        """Tells that there will be no answer, and why."""
        told = problem if isinstance(problem, Refused) else refusal_of(problem)
        self.reply.status, self.reply.error = "failed", Failure(message=told.message)
        self._whole("failed")

    def _begin(self) -> None:
        if self.begun:
            return
        self.begun = True
        self._whole("created")
        self._whole("in_progress")
        self._item("added", 0, self._search.model_copy(update={"queries": []}))
        self._searching("in_progress")
        self._searching("searching")

    def _found(self, turn: Turn | None) -> None:
        """The answer begins; its search is told now where its hits are there, else at the end."""
        if self._answering:
            return
        self._begin()
        self._answering = True
        if turn is not None and turn.hits:
            self._tell_search(turn)
        self._item("added", 1, self._message)
        self._at("content_part.added", part=Text(text="").model_dump())

    def _tell_search(self, turn: Turn) -> None:
        if self._searched:
            return
        self._searched = True
        query, hits = turn.query, turn.hits[: self._most]
        self._search.queries = list(dict.fromkeys((query.asked, *query.variants)))
        self._search.results = results_of(self._uploads, hits)
        self._search.status = "completed"
        self._searching("completed")
        self._item("done", 0, self._search)

    def _delta(self, piece: str) -> None:
        if piece:
            self._sent += piece
            self._at("output_text.delta", delta=piece, logprobs=[])

    def _whole(self, kind: str) -> None:
        self._event(kind, response=self.reply.shown(results=self._results).model_dump())

    def _item(self, kind: str, index: int, item: SearchCall | Message) -> None:
        told = item.model_dump()
        if not self._results:
            told.pop("results", None)
        self._event(f"output_item.{kind}", output_index=index, item=told)

    def _searching(self, kind: str) -> None:
        self._event(f"file_search_call.{kind}", output_index=0, item_id=self._search.id)

    def _at(self, kind: str, **more: Any) -> None:
        self._event(kind, output_index=1, content_index=0, item_id=self._message.id, **more)

    def _event(self, kind: str, **more: Any) -> None:
        name = f"response.{kind}"
        body = {"type": name, "sequence_number": self._number, **more}
        self._number += 1
        self._tell(f"event: {name}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n")


def _given(turn: Turn | None, step: Step) -> Turn:
    """The turn whose hits are those that the answer is made of, once this stage has ended."""
    if turn is not None and turn.answer is not None:
        return turn
    if step.after.answer is None or not step.before.hits:
        return step.after
    return replace(step.before, answer=step.after.answer)


def _rest(text: str, sent: str) -> str:
    """What of the answer was not streamed yet; what was streamed and is not its beginning is followed by all of it."""
    return text.removeprefix(sent) if text.startswith(sent) else f"\n\n{text}"
