"""What a request to `/v1/responses` may say, and what of it is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, JsonValue, Tag

from surefoot.core.roles import Wish
from surefoot.serve.answering import Answered
from surefoot.serve.openai.chat_shapes import ChatMessage
from surefoot.serve.openai.store_shapes import Id, Metadata, RankingOptions
from surefoot.serve.openai.wanted import MaxTokens, Temperature, ignored, notes_of
from surefoot.serve.problems import Refused

RESULTS: Final = "file_search_call.results"
_MAX_TEXT: Final = 200_000
_ROLES: Final = ("user", "assistant", "system", "developer")
_PARTS: Final = ("input_text", "output_text", "text")
_NEUTRAL: Final[Mapping[str, Sequence[Any]]] = {
    "background": (False,),
    "conversation": (),
    "prompt": (),
}
"""Parameters without which the reply would be another thing, with the values that change nothing; null never does."""


class Part(BaseModel):
    """A piece of a message; only text is read."""

    type: Annotated[str, Field(max_length=64)]
    text: Annotated[str, Field(max_length=_MAX_TEXT)] = ""


class InputItem(BaseModel):
    """A message, or a search that a former response made, which is passed over."""

    type: Annotated[str, Field(max_length=64)] = "message"
    role: Annotated[str, Field(max_length=64)] = ""
    content: (
        Annotated[str, Field(max_length=_MAX_TEXT)] | Annotated[list[Part], Field(max_length=100)]
    ) = ""

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content)


class FileSearch(BaseModel):
    """Searches these vector stores alone; `max_num_results` bounds the passages that an answer is made of."""

    type: Literal["file_search"]
    vector_store_ids: Annotated[list[Id], Field(min_length=1, max_length=32)]
    filters: dict[str, JsonValue] | None = None
    max_num_results: Annotated[int, Field(ge=1, le=50)] | None = None
    ranking_options: RankingOptions | None = None


class OtherTool(BaseModel):
    """Any other tool; it is refused."""

    type: Annotated[str, Field(max_length=64)]


def _which(raw: Any) -> str:
    kind = raw.get("type") if isinstance(raw, dict) else getattr(raw, "type", None)
    return "file_search" if kind == "file_search" else "other"


Tool = Annotated[
    Annotated[FileSearch, Tag("file_search")] | Annotated[OtherTool, Tag("other")],
    Discriminator(_which),
]


class ResponseRequest(BaseModel):
    """A request as OpenAI's clients send it; what is not served is told, what nobody knows is ignored."""

    model_config = ConfigDict(extra="allow")

    input: (
        Annotated[str, Field(min_length=1, max_length=_MAX_TEXT)]
        | Annotated[list[InputItem], Field(min_length=1, max_length=1000)]
    )
    model: Annotated[str, Field(max_length=256)] = ""
    instructions: Annotated[str, Field(max_length=_MAX_TEXT)] | None = None
    stream: bool | None = None
    store: bool | None = None
    include: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=16)] | None = (
        None
    )
    tools: Annotated[list[Tool], Field(max_length=16)] | None = None
    previous_response_id: Annotated[str, Field(max_length=512)] | None = None
    metadata: Metadata | None = None
    temperature: Temperature | None = None
    max_output_tokens: MaxTokens | None = None

    @property
    def wish(self) -> Wish:
        """What it wants of the answer."""
        most = self.searched.max_num_results if self.searched else None
        return Wish(most, self.max_output_tokens, self.temperature)

    def told(self, found: Answered) -> list[str]:
        """What of it the answer does not follow."""
        left = ignored(self.model_extra or {})
        left += [f"include {name}" for name in self.include or () if name != RESULTS]
        roles = {message.role for message in self.messages}
        instructs = bool(self.instructions) or not roles.isdisjoint(("system", "developer"))
        return list(notes_of(found, self.wish, left, instructs=instructs))

    @property
    def messages(self) -> list[ChatMessage]:
        """The input as messages; a text is the user's.

        Raises:
            Refused: 400, something is no message of text.
        """
        if isinstance(self.input, str):
            return [ChatMessage(role="user", content=self.input)]
        return [_message(item) for item in self.input if item.type != "file_search_call"]

    @property
    def searched(self) -> FileSearch | None:
        """The tool that says where to search; None is all that the key may read."""
        return next((tool for tool in self.tools or () if isinstance(tool, FileSearch)), None)

    def check(self) -> None:
        """Raises Refused (400) where it wants what is not served."""
        for name, value in (self.model_extra or {}).items():
            if name in _NEUTRAL and value is not None and value not in _NEUTRAL[name]:
                raise _unsupported(f"{name} is not served", name)
        self._check_format()
        for tool in self.tools or ():
            if isinstance(tool, OtherTool):
                raise _unsupported(f"the tool {tool.type!r} is not served", "tools")
        if len(self.tools or ()) > 1:
            raise _unsupported("one file_search tool is served, not several", "tools")
        self._check_ranking()

    def _check_format(self) -> None:
        text = (self.model_extra or {}).get("text")
        format = text.get("format") if isinstance(text, dict) else None
        if format is not None and format != {"type": "text"}:
            raise _unsupported("only text is answered: text.format is not served", "text")

    def _check_ranking(self) -> None:
        ranking = self.searched.ranking_options if self.searched else None
        if ranking is None:
            return
        for name in ("score_threshold", "hybrid_search"):
            if getattr(ranking, name) is not None:
                text = f"the solution weighs its searches: {name} is not served"
                raise _unsupported(text, "tools.ranking_options")


def _message(item: InputItem) -> ChatMessage:
    if item.type != "message":
        raise _unsupported(f"input of type {item.type!r} is not served", "input")
    if item.role not in _ROLES:
        text = f"the role of a message is one of {', '.join(_ROLES)}"
        raise Refused(400, text, code="invalid", param="input")
    for part in item.content if isinstance(item.content, list) else ():
        if part.type not in _PARTS:
            raise _unsupported(f"{part.type!r} is not served: only text is read", "input")
    return ChatMessage.model_validate({"role": item.role, "content": item.text})


def _unsupported(text: str, param: str) -> Refused:
    return Refused(400, text, code="unsupported", param=param)
