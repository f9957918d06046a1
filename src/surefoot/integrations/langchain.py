"""For LangChain (langchain-core 1.x): a retriever, a document compressor and a chat model over a workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.callbacks import (
    CallbackManagerForLLMRun,
    CallbackManagerForRetrieverRun,
    Callbacks,
)
from langchain_core.documents import Document
from langchain_core.documents.compressor import BaseDocumentCompressor
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from surefoot.core.errors import ConfigError
from surefoot.core.types import Asker, Hit
from surefoot.run.reranking import score_texts
from surefoot.run.workspace import Workspace

_ANYTHING = ConfigDict(arbitrary_types_allowed=True)


class SurefootRetriever(BaseRetriever):
    """Finds passages by the workspace's own solution; `asker` decides what is found."""

    model_config = _ANYTHING

    space: Workspace
    limit: int = 10
    filter: Mapping[str, Any] | None = None
    asker: Asker = Asker()

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        del run_manager
        hits = self.space.search(query, limit=self.limit, filter=self.filter, asker=self.asker)
        return [as_document(hit) for hit in hits]


class SurefootCompressor(BaseDocumentCompressor):
    """Orders documents anew by the solution's reranker, or its encoder where it has none, and keeps the best."""

    model_config = _ANYTHING

    space: Workspace
    keep: int = 5

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks | None = None
    ) -> Sequence[Document]:
        """The best documents, best first, each with its score as `relevance_score`."""
        del callbacks
        if not documents:
            return []
        scores = score_texts(self.space, query, [one.page_content for one in documents]).scores
        order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))[: self.keep]
        return [
            Document(
                page_content=documents[i].page_content,
                metadata={**documents[i].metadata, "relevance_score": scores[i]},
                id=documents[i].id,
            )
            for i in order
        ]


class SurefootChat(BaseChatModel):
    """Answers the last message from the documents; citations stand in `response_metadata`."""

    model_config = _ANYTHING

    space: Workspace
    asker: Asker = Asker()

    @property
    def _llm_type(self) -> str:
        return "surefoot"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        del stop, run_manager, kwargs
        told = [message for message in messages if message.type in ("human", "ai")]
        if not told or told[-1].type != "human":
            raise ConfigError("the last message must be the user's", where="messages")
        query = self.space.query(str(told[-1].text), asker=self.asker, history=_history(told[:-1]))
        asked = self.space.run(query)
        answer = asked.turn.answer
        if answer is None:
            raise ConfigError("no stage of this solution answers", where=self.space.solution.name)
        citations = [
            {
                "number": one.number,
                "document_id": one.chunk.document_id,
                "uri": one.chunk.uri,
                "quote": one.quote,
                "supported": one.supported,
            }
            for one in answer.citations
        ]
        message = AIMessage(
            content=answer.text,
            response_metadata={
                "citations": citations,
                "refused": answer.refused,
                "confidence": answer.confidence,
                "trace_id": asked.trace_id,
            },
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


def as_document(hit: Hit) -> Document:
    """A hit as a LangChain document; its id is the chunk's."""
    chunk = hit.chunk
    metadata = {
        **chunk.meta,
        "document_id": chunk.document_id,
        "title": chunk.title,
        "source": chunk.uri,
        "start": chunk.start,
        "end": chunk.end,
        "page": chunk.page,
        "score": hit.score,
    }
    return Document(page_content=chunk.text, metadata=metadata, id=chunk.id)


def _history(messages: Sequence[BaseMessage]) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for message in messages:
        if message.type == "human":
            pairs.append((str(message.text), ""))
        elif pairs:
            pairs[-1] = (pairs[-1][0], str(message.text))
    return tuple(pairs)
