"""Rerankers behind an address (`POST /rerank`): Cohere, Jina, vLLM and text-embeddings-inference shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from surefoot.config.base import Incidental, KeyName, PartSettings
from surefoot.config.prices import price_of
from surefoot.core.errors import DataError
from surefoot.core.metering import may_spend, tokens_read
from surefoot.models.base import ModelEnv
from surefoot.models.http import Address, JsonClient, refuse_offline, said_tokens


class HttpRerankerSettings(PartSettings):
    """A remote reranker. `dialect` is the shape of the request; any known shape of reply is read."""

    kind: Literal["http"] = "http"
    base_url: str = Field(pattern=r"^https?://[^\s]+$", description="ends before the path")
    path: str = Field(default="/rerank", pattern="^/")
    model: str = Field(default="", description="the model id; text-embeddings-inference needs none")
    dialect: Literal["cohere", "tei"] = Field(
        default="cohere", description="cohere: also Jina, vLLM; tei: text-embeddings-inference"
    )
    key: Annotated[KeyName, Incidental()] = ""
    batch: Annotated[PositiveInt, Incidental()] = Field(default=64, description="texts a request")
    timeout_s: Annotated[PositiveFloat, Incidental()] = 60.0
    price: Annotated[NonNegativeFloat | None, Incidental()] = Field(
        default=None, description="US dollars per million tokens, where the endpoint tells them"
    )
    request_price: Annotated[NonNegativeFloat | None, Incidental()] = Field(
        default=None, description="US dollars per thousand requests"
    )


class HttpReranker:
    """Scores texts against a query at an endpoint."""

    Settings = HttpRerankerSettings

    def __init__(
        self, settings: HttpRerankerSettings, env: ModelEnv, client: JsonClient | None = None
    ) -> None:
        self._settings = settings
        self._where = settings.base_url
        self._each = settings.request_price or 0.0
        self._price = _token_price(settings)
        if env.offline:
            refuse_offline(settings.base_url, self._where)
        self._client = client or JsonClient(
            Address(settings.base_url, self._where, settings.key, settings.timeout_s)
        )

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """One score a text, in the order of the texts; higher is better.

        Raises:
            TransientError: the endpoint was not reached or is busy, after four attempts.
            ConfigError: it refuses the key or does not know the address or model.
            DataError: it refuses the request, or a score is missing from the reply.
        """
        size = self._settings.batch
        scores: list[float] = []
        for start in range(0, len(texts), size):
            scores += self._ask(query, list(texts[start : start + size]))
        return scores

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _ask(self, query: str, texts: list[str]) -> list[float]:
        body: dict[str, Any] = {"query": query}
        if self._settings.dialect == "tei":
            body |= {"texts": texts, "truncate": True}
        else:
            body |= {"documents": texts, "top_n": len(texts)}
        if self._settings.model:
            body["model"] = self._settings.model
        may_spend(None if self._price is None else self._price + self._each, where="rerank http")
        reply = self._client.post(self._settings.path, body)
        found = self._scores(reply, len(texts))
        read = said_tokens(reply)
        dollars = None if self._price is None else read * self._price / 1e6 + self._each / 1e3
        tokens_read(read, dollars=dollars)
        return found

    def _scores(self, reply: Any, count: int) -> list[float]:
        found: dict[int, float] = {}
        try:
            rows = reply["results"] if isinstance(reply, dict) else reply
            for row in rows:
                found[row["index"]] = float(
                    row["relevance_score"] if "relevance_score" in row else row["score"]
                )
        except (TypeError, KeyError, ValueError) as problem:
            raise DataError(
                f"the reply holds no scores ({type(problem).__name__})",
                where=self._where,
                hint="check base_url, path and dialect",
            ) from None
        if set(found) != set(range(count)) or not all(map(math.isfinite, found.values())):
            raise DataError(f"{count} scores were asked, not all of them came", where=self._where)
        return [found[i] for i in range(count)]


def _token_price(settings: HttpRerankerSettings) -> float | None:
    """Of a million tokens; None where nobody has told a price of any kind."""
    if settings.price is None and settings.request_price is not None:
        return 0.0
    price = price_of(settings.base_url, settings.model, prompt=settings.price)
    return None if price is None else price.prompt
