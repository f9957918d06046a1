"""MCP: tools that search, fetch, ask, list and explain, and documents as resources. All of them only read.

`search` and `fetch` have the shapes that connectors of chat products expect. Over HTTP the key of the request decides
what is found; over stdio it is the owner at the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import quote, unquote

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

from surefoot import __version__
from surefoot.core.errors import SurefootError
from surefoot.core.types import MetaValue
from surefoot.run.workspace import Asked
from surefoot.serve.answering import MAX_QUESTION, Question, ask, search
from surefoot.serve.desk import Gone
from surefoot.serve.own.documents import read_document
from surefoot.serve.problems import Refused
from surefoot.serve.search import filter_of
from surefoot.serve.serving import Serving
from surefoot.serve.who import Principal
from surefoot.store.keys import Scope as KeyScope

T = TypeVar("T")
_INSTRUCTIONS: Final = (
    "Search this collection of documents and cite what you use. `ask` answers with checked citations or says that the "
    "documents do not answer. 检索这些文档并注明出处；`ask` 给出经核对的引文，或说明文档没有答案。"
)
_READS: Final = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_SHOWN: Final = 400
Text = Annotated[str, Field(min_length=1, max_length=MAX_QUESTION)]


class FoundDocument(BaseModel):
    """A document with the passage of it that fits best."""

    id: str
    title: str
    url: str
    text: str


class SearchOut(BaseModel):
    """What was found, best first, each document once."""

    results: list[FoundDocument]


class FetchOut(BaseModel):
    """A whole document."""

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, MetaValue]


class SourceOut(BaseModel):
    """What a mark `[number]` of an answer stands for."""

    number: int
    id: str
    title: str
    url: str
    quote: str


class AskOut(BaseModel):
    """An answer; `refused` where the documents do not answer."""

    answer: str
    refused: bool
    confidence: float | None
    sources: list[SourceOut]


class ListedDocument(BaseModel):
    """A document without its text."""

    id: str
    title: str
    url: str
    lang: str


class ListOut(BaseModel):
    """Documents by id; `next` is what to give as `after` for those that follow, empty at the end."""

    documents: list[ListedDocument]
    next: str


class ExplainedStage(BaseModel):
    """What one stage did: how many hits it left, how long it took, what it said."""

    stage: str
    ms: float
    hits: int
    notes: list[str]


class ExplainOut(BaseModel):
    """An answer with what every stage did for it."""

    answer: str
    refused: bool
    stages: list[ExplainedStage]
    best: list[FoundDocument]


def make_mcp(serving: Serving) -> MCPServer:
    """The server over these workspaces; the owner of the first asks where no request is behind a call (stdio)."""
    server = MCPServer(
        "surefoot", instructions=_INSTRUCTIONS, version=__version__, log_level="WARNING"
    )
    _Tools(serving).register(server)
    return server


def http_app(server: MCPServer) -> Any:
    """Its ASGI application, to be mounted; hosts and origins were checked before."""
    security = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    return server.streamable_http_app(
        streamable_http_path="/",
        stateless_http=True,
        json_response=True,
        transport_security=security,
    )


class _Tools:
    """The tools, bound to what is served."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    def register(self, server: MCPServer) -> None:
        """Adds tools and resources."""
        for tool, title in (
            (self.search, "Search documents"),
            (self.fetch, "Fetch a document"),
            (self.ask, "Ask the documents"),
            (self.list_documents, "List documents"),
            (self.explain, "Explain an answer"),
        ):
            server.tool(title=title, annotations=_READS)(tool)
        server.resource("doc://{document_id}", mime_type="text/markdown")(self.document)

    async def search(
        self,
        query: Text,
        ctx: Context[Any, Any],
        limit: Annotated[int, Field(ge=1, le=50)] = 10,
        filters: dict[str, Any] | None = None,
    ) -> SearchOut:
        """Find documents about something; each result has the passage that fits best. Fetch one for its whole text."""
        who = self._who(ctx, "search")
        question = Question(query, filter=filter_of(filters))
        found = await self._do(lambda gone: search(self._serving, who, question, gone, limit=limit))
        return SearchOut(results=_documents(found[0].asked, limit))

    async def fetch(self, id: str, ctx: Context[Any, Any]) -> FetchOut:
        """The whole text of a document by the id that `search` or `list_documents` gave."""
        who = self._who(ctx, "search")
        found = await self._do(lambda _: read_document(who, id))
        return FetchOut(
            id=found.id,
            title=found.title or found.id,
            text=found.text,
            url=found.uri,
            metadata=dict(found.meta),
        )

    async def ask(self, question: Text, ctx: Context[Any, Any], model: str = "") -> AskOut:
        """Answer a question from the documents, each statement with its source, or say that they do not answer it."""
        who = self._who(ctx, "ask")
        asked = Question(question, model=model)
        found = await self._do(lambda gone: ask(self._serving, who, asked, gone))
        answer = found.answer
        sources = [
            SourceOut(
                number=one.number,
                id=one.chunk.document_id,
                title=one.chunk.title or one.chunk.document_id,
                url=one.chunk.uri,
                quote=one.quote,
            )
            for one in answer.citations
        ]
        return AskOut(
            answer=answer.text,
            refused=answer.refused,
            confidence=answer.confidence,
            sources=sources,
        )

    async def list_documents(
        self,
        ctx: Context[Any, Any],
        after: str = "",
        limit: Annotated[int, Field(ge=1, le=500)] = 100,
    ) -> ListOut:
        """The documents by id, `limit` at a time; give the last `next` as `after` for more."""
        who = self._who(ctx, "search")
        return await self._do(lambda _: self._listed(who, after, limit))

    async def explain(self, question: Text, ctx: Context[Any, Any], model: str = "") -> ExplainOut:
        """Answer a question and say what each stage did: what was searched, found, dropped and why."""
        who = self._who(ctx, "ask")
        asked = Question(question, model=model)
        found = await self._do(lambda gone: ask(self._serving, who, asked, gone))
        stages = [
            ExplainedStage(
                stage=step.kind,
                ms=round(1000 * step.seconds, 1),
                hits=len(step.after.hits),
                notes=list(step.notes),
            )
            for step in found.asked.steps
        ]
        return ExplainOut(
            answer=found.answer.text,
            refused=found.answer.refused,
            stages=stages,
            best=_documents(found.asked, 5),
        )

    async def document(self, document_id: str, ctx: Context[Any, Any]) -> str:
        """The text of a document."""
        who = self._who(ctx, "search")
        found = await self._do(lambda _: read_document(who, unquote(document_id)))
        return found.text

    def _who(self, ctx: Context[Any, Any], scope: KeyScope) -> Principal:
        request = ctx.request_context.request
        if request is None:
            return Principal(self._serving.tenants.all[0])
        who: Principal = request.scope["state"]["who"]
        try:
            who.require(scope)
        except Refused as problem:
            raise ToolError(problem.message) from None
        return who

    async def _do(self, work: Callable[[Gone], T]) -> T:
        try:
            return await self._serving.desk.begin(partial(work, _never))
        except SurefootError as problem:
            raise ToolError(str(problem)) from None
        except Refused as problem:
            raise ToolError(problem.message) from None

    @staticmethod
    def _listed(who: Principal, after: str, limit: int) -> ListOut:
        listed: list[ListedDocument] = []
        with who.using() as space:
            for document in space.documents(asker=who.asker):
                if document.id <= after:
                    continue
                if len(listed) == limit:
                    return ListOut(documents=listed, next=listed[-1].id)
                listed.append(
                    ListedDocument(
                        id=document.id,
                        title=document.title or document.id,
                        url=document.uri,
                        lang=document.lang,
                    )
                )
        return ListOut(documents=listed, next="")


def _documents(asked: Asked, limit: int) -> list[FoundDocument]:
    """The documents of the hits, each once, in their order."""
    found: dict[str, FoundDocument] = {}
    for hit in asked.turn.hits:
        chunk = hit.chunk
        if chunk.document_id not in found and len(found) < limit:
            found[chunk.document_id] = FoundDocument(
                id=chunk.document_id,
                title=chunk.title or chunk.document_id,
                url=chunk.uri or f"doc://{quote(chunk.document_id, safe='')}",
                text=chunk.text[:_SHOWN],
            )
    return list(found.values())


def _never() -> bool:
    return False
