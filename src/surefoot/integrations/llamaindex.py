"""For LlamaIndex (llama-index-core 0.14): a retriever and a vector store over a workspace."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import BaseNode, MetadataMode, NodeWithScore, QueryBundle, TextNode
from llama_index.core.vector_stores.types import (
    BasePydanticVectorStore,
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
    VectorStoreQueryResult,
)
from pydantic import PrivateAttr

from surefoot.core.errors import ConfigError
from surefoot.core.filters import parse_filter
from surefoot.core.roles import Scope
from surefoot.core.types import Asker, Hit
from surefoot.run.uploads import delete_uploads, keep_upload, list_uploads, uploads_of
from surefoot.run.workspace import Workspace
from surefoot.store.uploads import Upload

_ORIGIN: Final = "ref_doc_id"
_MODES: Final = (VectorStoreQueryMode.DEFAULT, VectorStoreQueryMode.HYBRID)
_OPERATORS: Final = {
    FilterOperator.EQ: "eq",
    FilterOperator.NE: "ne",
    FilterOperator.GT: "gt",
    FilterOperator.GTE: "gte",
    FilterOperator.LT: "lt",
    FilterOperator.LTE: "lte",
    FilterOperator.IN: "in",
    FilterOperator.NIN: "nin",
    FilterOperator.ANY: "in",
    FilterOperator.CONTAINS: "eq",
}


class SurefootRetriever(BaseRetriever):
    """Finds passages by the workspace's own solution; `asker` decides what is found."""

    def __init__(self, space: Workspace, limit: int = 10, asker: Asker = Asker()) -> None:
        self._space = space
        self._limit = limit
        self._asker = asker
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self._space.search(query_bundle.query_str, limit=self._limit, asker=self._asker)
        return [NodeWithScore(node=as_node(hit), score=hit.score) for hit in hits]


class SurefootVectorStore(BasePydanticVectorStore):
    """Keeps nodes as documents of the workspace and searches them with its solution, keywords included.

    Questions are embedded by the workspace, so no embedding model is needed.
    """

    stores_text: bool = True
    is_embedding_query: bool = False
    _space: Workspace = PrivateAttr()
    _asker: Asker = PrivateAttr()

    def __init__(self, space: Workspace, asker: Asker = Asker()) -> None:
        super().__init__(stores_text=True, is_embedding_query=False)
        self._space = space
        self._asker = asker

    @property
    def client(self) -> Workspace:
        """The workspace."""
        return self._space

    def add(self, nodes: Sequence[BaseNode], **kwargs: Any) -> list[str]:
        """Keeps nodes under their ids; what was there before is replaced.

        Raises:
            ConfigError: a node's text cannot be kept.
        """
        del kwargs
        uploads = []
        for node in nodes:
            meta = {k: v for k, v in node.metadata.items() if isinstance(v, str | int | float)}
            origin = {_ORIGIN: node.ref_doc_id} if node.ref_doc_id else {}
            wanted = Upload(
                node.node_id, f"{node.node_id}.md", "", 0, time.time_ns(), meta={**meta, **origin}
            )
            text = node.get_content(metadata_mode=MetadataMode.NONE)
            uploads.append(keep_upload(self._space, text.encode(), wanted))
        report = list_uploads([self._space], uploads)
        if report.problems:
            raise ConfigError(f"not kept: {report.problems[0].reason}", where=report.problems[0].id)
        return [upload.id for upload in uploads]

    def delete(self, ref_doc_id: str, **delete_kwargs: Any) -> None:
        """Removes all nodes of a document."""
        del delete_kwargs
        with uploads_of(self._space) as book:
            ids = [one.id for one in book.all() if one.meta.get(_ORIGIN) == ref_doc_id]
        delete_uploads([self._space], ids)

    def query(self, query: VectorStoreQuery, **kwargs: Any) -> VectorStoreQueryResult:
        """The best passages.

        Raises:
            ConfigError: the mode or a filter is not one that can be kept to.
        """
        del kwargs
        if query.mode not in _MODES:
            raise ConfigError(
                f"the mode {query.mode.value} is not served",
                hint="the solution says how it searches",
            )
        wanted = as_filter(query.filters) if query.filters else None
        hits = self._found(query, wanted)
        return VectorStoreQueryResult(
            nodes=[as_node(hit) for hit in hits],
            similarities=[hit.score for hit in hits],
            ids=[hit.chunk.id for hit in hits],
        )

    def _found(self, query: VectorStoreQuery, wanted: dict[str, Any] | None) -> list[Hit]:
        limit = query.similarity_top_k
        if query.query_str:
            return self._space.search(
                query.query_str, limit=limit, filter=wanted, asker=self._asker
            )
        if query.query_embedding is None:
            raise ConfigError("the query has neither text nor embedding")
        import numpy as np

        scope = Scope(parse_filter(wanted) if wanted else None, self._asker)
        vector = np.asarray(query.query_embedding, np.float32)
        return self._space.resources.index().vector(vector, limit=limit, scope=scope)


def as_node(hit: Hit) -> TextNode:
    """A hit as a LlamaIndex node; its id is the chunk's."""
    chunk = hit.chunk
    metadata = {
        **chunk.meta,
        "document_id": chunk.document_id,
        "title": chunk.title,
        "uri": chunk.uri,
        "start": chunk.start,
        "end": chunk.end,
    }
    return TextNode(id_=chunk.id, text=chunk.text, metadata=metadata)


def as_filter(filters: MetadataFilters) -> dict[str, Any]:
    """Their filters in our language.

    Raises:
        ConfigError: an operator or condition has no counterpart.
    """
    parts = [
        as_filter(one) if isinstance(one, MetadataFilters) else _comparison(one)
        for one in filters.filters
    ]
    if filters.condition is FilterCondition.NOT:
        raise ConfigError("the condition not is not served", where="filters")
    if len(parts) == 1:
        return parts[0]
    return {"type": (filters.condition or FilterCondition.AND).value, "filters": parts}


def _comparison(one: MetadataFilter) -> dict[str, Any]:
    if one.operator not in _OPERATORS:
        raise ConfigError(f"the operator {one.operator.value} is not served", where=one.key)
    return {"type": _OPERATORS[one.operator], "key": one.key, "value": one.value}
