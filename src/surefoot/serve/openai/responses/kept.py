"""Responses that are kept, with their input: for the key that made them and for the owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from surefoot.core.errors import MissingError
from surefoot.core.types import Acl
from surefoot.serve.openai.chat_shapes import ChatMessage
from surefoot.serve.openai.responses.shapes import Message, Reply
from surefoot.serve.problems import Refused
from surefoot.serve.who import Principal
from surefoot.store.records import Record, RecordBook

_KIND: Final = "response"
_MAX_TURNS: Final = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """A response and the messages that it answers."""

    reply: Reply
    input: list[Message]

    @property
    def messages(self) -> list[ChatMessage]:
        """What was said, the answer last."""
        before = [
            ChatMessage(role=item.role, content=item.content[0].text)
            for item in self.input
            if item.content
        ]
        return [*before, ChatMessage(role="assistant", content=self.reply.said)]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The responses of a tenant, as one principal sees them."""

    who: Principal
    records: RecordBook

    def keep(self, kept: Kept, now_ns: int) -> None:
        """Keeps a response."""
        body = {
            "reply": kept.reply.model_dump(mode="json"),
            "input": [item.model_dump(mode="json") for item in kept.input],
        }
        made = Record(
            kept.reply.id, _KIND, now_ns, body, owner=self.who.name, acl=Acl(public=False)
        )
        self.records.put(made)

    def get(self, id: str) -> Kept:
        """A response.

        Raises:
            MissingError: there is none, or another key made it; both look alike.
        """
        found = self.records.find(id, _KIND)
        if found is None or not (self.who.asker.is_owner or found.owner == self.who.name):
            raise MissingError(f"there is no response {id!r}")
        body = found.body
        return Kept(
            Reply.model_validate(body["reply"]),
            [Message.model_validate(item) for item in body["input"]],
        )

    def delete(self, id: str) -> None:
        """Forgets a response; raises as `get`."""
        self.records.delete(self.get(id).reply.id)

    def conversation(self, id: str | None) -> list[ChatMessage]:
        """What was said up to a response and in it, oldest first; raises as `get` where one of it is deleted.

        Raises:
            Refused: 400, it has more responses than are read.
        """
        turns: list[list[ChatMessage]] = []
        while id:
            if len(turns) == _MAX_TURNS:
                text = f"a conversation has at most {_MAX_TURNS} responses"
                raise Refused(400, text, code="invalid", param="previous_response_id")
            kept = self.get(id)
            turns.append(kept.messages)
            id = kept.reply.previous_response_id
        return [message for turn in reversed(turns) for message in turn]
