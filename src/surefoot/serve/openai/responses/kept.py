"""Responses that are kept, with their input: for the key that made them and for the owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from surefoot.core.errors import MissingError
from surefoot.core.roles import Scope
from surefoot.core.types import Acl, Asker
from surefoot.serve.openai.chat_shapes import ChatMessage
from surefoot.serve.openai.responses.shapes import Message, Reply
from surefoot.serve.problems import Refused
from surefoot.serve.who import Principal
from surefoot.store.records import RESPONSE, Record, RecordBook

_MAX_TURNS: Final = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """A response, the messages that it answers, and the documents whose text it holds."""

    reply: Reply
    input: list[Message]
    documents: tuple[str, ...] = ()

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
    """The responses of a tenant, as one principal sees them; those made before `oldest_ns` are over."""

    who: Principal
    records: RecordBook
    oldest_ns: int = 0

    def keep(self, kept: Kept, now_ns: int) -> None:
        """Keeps a response, and removes those that are over."""
        self.records.expire(RESPONSE, self.oldest_ns)
        body = {
            "reply": kept.reply.model_dump(mode="json"),
            "input": [item.model_dump(mode="json") for item in kept.input],
            "documents": list(self._read(kept.reply.model, kept.documents, Asker(trusted=True))),
        }
        made = Record(
            kept.reply.id, RESPONSE, now_ns, body, owner=self.who.name, acl=Acl(public=False)
        )
        self.records.put(made)

    def get(self, id: str) -> Kept:
        """A response.

        Raises:
            MissingError: there is none, it is over, another key made it, or a document that it quotes is gone or not
                for whoever asks any more; all look alike.
        """
        found = self._record(id)
        reply, documents = Reply.model_validate(found.body["reply"]), found.body["documents"]
        if len(list(self._read(reply.model, documents, self.who.asker))) < len(documents):
            raise MissingError(f"there is no response {id!r}")
        items = [Message.model_validate(item) for item in found.body["input"]]
        return Kept(reply, items, tuple(documents))

    def delete(self, id: str) -> None:
        """Forgets a response, readable or not.

        Raises:
            MissingError: there is none, or another key made it.
        """
        self._record(id)
        self.records.delete(id)

    def _record(self, id: str) -> Record:
        found = self.records.find(id, RESPONSE)
        if found is None or not (self.who.asker.is_owner or found.owner == self.who.name):
            raise MissingError(f"there is no response {id!r}")
        if found.created_ns < self.oldest_ns:
            raise MissingError(f"there is no response {id!r}")
        return found

    def _read(self, model: str, documents: Iterable[str], asker: Asker) -> Iterator[str]:
        """Those that are in the index and may be read; what engines elsewhere found is not."""
        with self.who.using(model) as space:
            if space.solution.corpus is None:
                return
            index = space.resources.index()
            for name in documents:
                if index.document(name, scope=Scope(asker=asker)) is not None:
                    yield name

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
