"""What both rerankers by a chat model share: which model, how many hits, how much of each, for how long."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from pydantic import Field, PositiveFloat, PositiveInt

from surefoot.config.base import ModelName, PartSettings
from surefoot.core.errors import TransientError
from surefoot.core.roles import Call, Judged, Parts
from surefoot.core.types import Hit, Query
from surefoot.retrieve.asking import within


class ChatRerankSettings(PartSettings):
    """Which model judges, how many hits, how much of each, for how long."""

    model: ModelName = Field(
        description='a catalog alias, the path of a .gguf file, or "http:NAME" of an endpoint'
    )
    most: PositiveInt = Field(
        default=10, description="hits that are judged at most; the others follow in their order"
    )
    passage_tokens: PositiveInt = Field(
        default=300, description="tokens of a passage that the model is shown at most"
    )
    seconds: PositiveFloat | None = Field(
        default=None,
        description="time for all hits; those not judged by then follow in their order; null = no limit",
    )


class ChatReranker(ABC):
    """A reranker that asks a chat model of the pipeline; how it asks is its own."""

    def __init__(self, settings: ChatRerankSettings) -> None:
        self._told = settings

    def score_hits(
        self, query: Query, hits: Sequence[Hit], parts: Parts, /
    ) -> list[Mapping[str, float]]:
        """The signals of the hits, all of them.

        Raises:
            TransientError: the model failed.
        """
        judged = self._judged(query, hits, parts, Call())
        if len(judged.signals) < len(hits):
            raise TransientError("; ".join(judged.notes), where=f"rerank by {self._told.model}")
        return list(judged.signals)

    def judge_hits(self, query: Query, hits: Sequence[Hit], parts: Parts, call: Call, /) -> Judged:
        """The signals of the first `most` hits, as far as model and time allow."""
        limited = within(call, self._told.seconds)
        return self._judged(query, hits[: self._told.most], parts, limited)

    @abstractmethod
    def _judged(self, query: Query, hits: Sequence[Hit], parts: Parts, call: Call) -> Judged:
        """The signals of the hits from the first on, and notes on those left out."""
