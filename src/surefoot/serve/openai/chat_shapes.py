"""What `/v1/chat/completions` reads and writes, and how an answer becomes it; citations are annotations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from surefoot.core.roles import Wish
from surefoot.core.types import Answer, Usage
from surefoot.serve.answering import Answered, Question, viewer_url
from surefoot.serve.openai.wanted import MaxTokens, Temperature, ignored, notes_of
from surefoot.serve.problems import Refused


class TextPart(BaseModel):
    """A piece of a message; only text is read."""

    type: Literal["text"]
    text: str


class ChatMessage(BaseModel):
    """One message; unknown fields are ignored."""

    role: Literal["developer", "system", "user", "assistant", "tool"]
    content: str | list[TextPart] | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    """What a stream tells besides."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """A request as OpenAI's clients send it; what is not served is told, what nobody knows is ignored."""

    model_config = ConfigDict(extra="allow")

    model: str = ""
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=1000)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    n: Annotated[int, Field(ge=1, le=128)] | None = None
    tools: list[dict[str, Any]] | None = None
    temperature: Temperature | None = None
    max_tokens: MaxTokens | None = None
    max_completion_tokens: MaxTokens | None = None

    @property
    def wish(self) -> Wish:
        """What it wants of the answer."""
        most = self.max_tokens if self.max_completion_tokens is None else self.max_completion_tokens
        return Wish(max_tokens=most, temperature=self.temperature)

    def told(self, found: Answered) -> list[str]:
        """What of it the answer does not follow."""
        left = ignored(self.model_extra or {})
        return list(notes_of(found, self.wish, left, instructs=self.instructs))

    @property
    def instructs(self) -> bool:
        """Whether it says how to answer."""
        return any(message.role in ("system", "developer") for message in self.messages)


class UrlCitation(BaseModel):
    """Where a mark `[n]` stands in the text, and the page that shows the cited span."""

    url: str
    title: str
    start_index: int
    end_index: int
    document_id: str
    chunk_id: str
    quote: str
    supported: bool


class Annotation(BaseModel):
    """A citation."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class ReplyMessage(BaseModel):
    """The answer."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[Annotation] = []


class Choice(BaseModel):
    """The one choice."""

    index: int = 0
    finish_reason: Literal["stop", "length", "content_filter"] = "stop"
    message: ReplyMessage
    logprobs: None = None


class TokenUsage(BaseModel):
    """Tokens of chat models; what encoders read counts in `surefoot.usage`."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Extras(BaseModel):
    """What these shapes have no place for."""

    trace_id: str
    refused: bool
    confidence: float | None
    notes: list[str]
    cost: float
    cached: bool


class ChatCompletion(BaseModel):
    """A whole reply."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: TokenUsage
    surefoot: Extras


def question_of(body: ChatRequest) -> Question:
    """The question of a request.

    Raises:
        Refused: 400, it wants what is not served.
    """
    if body.tools:
        raise Refused(
            400, "tools are not served: answers call none", code="unsupported", param="tools"
        )
    if body.n is not None and body.n > 1:
        raise Refused(400, "one answer is given, not several", code="unsupported", param="n")
    text, history = conversation_of(body.messages, "messages")
    return Question(text, model=body.model, history=history, seed=body.seed or 0, wish=body.wish)


def conversation_of(
    messages: Sequence[ChatMessage], param: str
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The question, which is the last message, and the questions with their answers before it.

    Raises:
        Refused: 400, the last message is not the user's; `param` is what the request calls them.
    """
    told = [message for message in messages if message.role in ("user", "assistant")]
    if not told or told[-1].role != "user":
        raise Refused(400, "the last message must be the user's", code="invalid", param=param)
    return told[-1].text, _history(told[:-1])


def completion(found: Answered, body: ChatRequest, base: str, created: int) -> ChatCompletion:
    """The reply to a request that is not streamed; `created` in unix seconds."""
    answer = found.answer
    message = ReplyMessage(content=answer.text, annotations=citations(answer, base))
    return ChatCompletion(
        id=f"chatcmpl-{uuid4().hex}",
        created=created,
        model=found.model,
        choices=[Choice(message=message)],
        usage=token_usage(found.usage),
        surefoot=extras(found, body.told(found)),
    )


def citations(answer: Answer, base: str) -> list[Annotation]:
    """A citation for each mark in the text."""
    made = []
    for citation in answer.citations:
        mark = f"[{citation.number}]"
        at = answer.text.find(mark, citation.start, citation.end + len(mark) + 1)  # in it or behind
        start, end = (at, at + len(mark)) if at >= 0 else (citation.start, citation.end)
        cited = UrlCitation(
            url=viewer_url(base, citation),
            title=citation.chunk.title or citation.chunk.document_id,
            start_index=start,
            end_index=end,
            document_id=citation.chunk.document_id,
            chunk_id=citation.chunk.id,
            quote=citation.quote,
            supported=citation.supported,
        )
        made.append(Annotation(url_citation=cited))
    return made


def _history(messages: Sequence[ChatMessage]) -> tuple[tuple[str, str], ...]:
    """Questions with their answers; one without an answer has an empty one."""
    pairs: list[tuple[str, str]] = []
    for message in messages:
        if message.role == "user":
            pairs.append((message.text, ""))
        elif pairs:
            asked, said = pairs[-1]
            pairs[-1] = (asked, f"{said}\n{message.text}".strip())
    return tuple(pairs)


def token_usage(usage: Usage) -> TokenUsage:
    """The tokens of chat models."""
    return TokenUsage(
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        total_tokens=usage.prompt_tokens + usage.completion_tokens,
    )


def extras(found: Answered, told: Sequence[str]) -> Extras:
    """What the reply says beside the shape; `told` is what of the request the answer does not follow."""
    notes = [note.line for note in found.asked.turn.notes]
    notes += told
    return Extras(
        trace_id=found.asked.trace_id,
        refused=found.answer.refused,
        confidence=found.answer.confidence,
        notes=notes,
        cost=found.usage.cost,
        cached=found.cached,
    )
