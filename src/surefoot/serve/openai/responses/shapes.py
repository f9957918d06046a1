"""What `/v1/responses` writes, and how an answer becomes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import BaseModel, Field

from surefoot.core.types import Answer, Hit, Usage
from surefoot.ingest.sources.uploads import NAME
from surefoot.serve.openai.chat_shapes import ChatMessage, Extras, citations
from surefoot.serve.openai.responses.wanted import FileSearch
from surefoot.serve.openai.vector_stores import found_files
from surefoot.store.uploads import UploadBook

ItemStatus = Literal["in_progress", "completed", "incomplete", "searching", "failed"]


class Result(BaseModel):
    """A passage that was found; scores of different searches do not compare."""

    file_id: str
    filename: str
    score: float
    text: str
    attributes: dict[str, Any] | None


class SearchCall(BaseModel):
    """The search; `results` are told where they were asked for."""

    type: Literal["file_search_call"] = "file_search_call"
    id: str
    status: ItemStatus
    queries: list[str] = []
    results: list[Result] | None = None


class FileCitation(BaseModel):
    """A mark `[n]` that cites a file; it stands at `index` of the text."""

    type: Literal["file_citation"] = "file_citation"
    file_id: str
    filename: str
    index: int
    url: str
    chunk_id: str
    quote: str
    supported: bool


class PageCitation(BaseModel):
    """A mark `[n]` that cites another document, and the page that shows the cited span."""

    type: Literal["url_citation"] = "url_citation"
    url: str
    title: str
    start_index: int
    end_index: int
    document_id: str
    chunk_id: str
    quote: str
    supported: bool


Cited = Annotated[FileCitation | PageCitation, Field(discriminator="type")]


class Text(BaseModel):
    """A text with its citations; `input_text` has none."""

    type: Literal["output_text", "input_text"] = "output_text"
    text: str
    annotations: list[Cited] = []


class Message(BaseModel):
    """A message: the answer, or one of the input."""

    type: Literal["message"] = "message"
    id: str
    role: Literal["user", "assistant", "system", "developer", "tool"]
    status: ItemStatus
    content: list[Text] = []


class InputDetails(BaseModel):
    """Nothing of a prompt is counted apart."""

    cached_tokens: int = 0
    cache_write_tokens: int = 0


class OutputDetails(BaseModel):
    """Nor of a reply."""

    reasoning_tokens: int = 0


class ResponseUsage(BaseModel):
    """Tokens of chat models."""

    input_tokens: int
    input_tokens_details: InputDetails = InputDetails()
    output_tokens: int
    output_tokens_details: OutputDetails = OutputDetails()
    total_tokens: int


class Failure(BaseModel):
    """Why there is no answer."""

    code: Literal["server_error"] = "server_error"
    message: str


class Reply(BaseModel):
    """A response; times in unix seconds. `surefoot` is there once it is completed."""

    id: str
    object: Literal["response"] = "response"
    created_at: int
    model: str
    status: Literal["in_progress", "completed", "failed", "cancelled"] = "in_progress"
    error: Failure | None = None
    incomplete_details: None = None
    instructions: str | None = None
    metadata: dict[str, str] = {}
    parallel_tool_calls: Literal[False] = False
    previous_response_id: str | None = None
    store: bool = True
    tool_choice: Literal["auto"] = "auto"
    tools: list[FileSearch] = []
    output: list[Annotated[SearchCall | Message, Field(discriminator="type")]] = []
    usage: ResponseUsage | None = None
    surefoot: Extras | None = None

    @property
    def said(self) -> str:
        """The answer."""
        messages = [item for item in self.output if isinstance(item, Message)]
        return "\n".join(part.text for message in messages for part in message.content)

    def shown(self, *, results: bool) -> Reply:
        """The same, with the results of its search or without."""
        if results:
            return self
        told = [
            item.model_copy(update={"results": None}) if isinstance(item, SearchCall) else item
            for item in self.output
        ]
        return self.model_copy(update={"output": told})


def new_id(kind: str) -> str:
    """An id of this kind."""
    return f"{kind}_{uuid4().hex}"


def results_of(uploads: UploadBook, hits: Sequence[Hit]) -> list[Result]:
    """Hits as passages of files, best first."""
    return [
        Result(
            file_id=one.file_id,
            filename=one.filename,
            score=one.score,
            text="\n".join(part.text for part in one.content),
            attributes=one.attributes,
        )
        for one in found_files(uploads, hits, None)
    ]


def cited(answer: Answer, base: str, uploads: UploadBook, shift: int) -> list[Cited]:
    """A citation for each mark of the answer, which begins at `shift` of the text."""
    made: list[Cited] = []
    for one in (annotation.url_citation for annotation in citations(answer, base)):
        kind, _, id = one.document_id.partition("/")
        upload = uploads.find(id) if kind == NAME else None
        told = one.model_dump()
        told["start_index"] += shift
        told["end_index"] += shift
        if upload is None:
            made.append(PageCitation(**told))
        else:
            told |= {"file_id": id, "filename": upload.name, "index": told["start_index"]}
            made.append(
                FileCitation(**{k: told[k] for k in FileCitation.model_fields if k in told})
            )
    return made


def usage_of(usage: Usage) -> ResponseUsage:
    """The tokens of chat models."""
    return ResponseUsage(
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        total_tokens=usage.prompt_tokens + usage.completion_tokens,
    )


def item_of(message: ChatMessage) -> Message:
    """A message of the input as an item."""
    said = message.role == "assistant"
    part = Text(type="output_text" if said else "input_text", text=message.text)
    return Message(id=new_id("msg"), role=message.role, status="completed", content=[part])
