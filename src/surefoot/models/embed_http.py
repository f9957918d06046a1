"""Encoders behind an OpenAI-compatible address (`POST /embeddings`). Knows the wire, not who answers."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from surefoot.config.base import Incidental, KeyName, PartSettings
from surefoot.config.prices import price_of
from surefoot.core.digest import digest_json
from surefoot.core.errors import DataError
from surefoot.core.lang import is_han
from surefoot.core.metering import may_spend, tokens_read
from surefoot.models.base import ModelEnv
from surefoot.models.http import Address, JsonClient, refuse_offline, said_tokens

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors

_PATH = "/embeddings"
_CHARS_PER_TOKEN = 3


class HttpSettings(PartSettings):
    """A remote encoder. Address, model, dimensions and prefixes name its vectors; the rest does not change them."""

    kind: Literal["http"] = "http"
    base_url: str = Field(pattern=r"^https?://[^\s]+$", description="ends before /embeddings")
    model: str = Field(min_length=1, description="the model id that the endpoint expects")
    dimensions: PositiveInt | None = Field(
        default=None, description="asks for vectors of this length; null takes the model's own"
    )
    query_prefix: str = ""
    passage_prefix: str = ""
    max_tokens: PositiveInt = Field(default=512, description="what the model reads of a text")
    key: Annotated[KeyName, Incidental()] = ""
    batch: Annotated[PositiveInt, Incidental()] = Field(default=64, description="texts a request")
    timeout_s: Annotated[PositiveFloat, Incidental()] = 60.0
    price: Annotated[NonNegativeFloat | None, Incidental()] = Field(
        default=None, description="US dollars per million tokens; null: the price table's"
    )
    encoding: Annotated[Literal["base64", "float"], Incidental()] = "base64"


class HttpEncoder:
    """Embeds texts at an endpoint, in batches. Tokens are estimated, rather too high than too low."""

    Settings = HttpSettings

    def __init__(
        self, settings: HttpSettings, env: ModelEnv, client: JsonClient | None = None
    ) -> None:
        self._settings = settings
        self._where = settings.base_url
        self._price = price_of(settings.base_url, settings.model, prompt=settings.price)
        if env.offline:
            refuse_offline(settings.base_url, self._where)
        self._client = client or JsonClient(
            Address(settings.base_url, self._where, settings.key, settings.timeout_s)
        )
        self._dimensions = settings.dimensions
        self.digest = digest_json(
            [
                "http",
                [settings.base_url, settings.model, settings.dimensions],
                [settings.query_prefix, settings.passage_prefix],
            ]
        )

    @property
    def dimensions(self) -> int:
        """The length of a vector; where no setting says it, the endpoint is asked once."""
        if self._dimensions is None:
            self._dimensions = int(self._embed(["dimensions"]).shape[1])
        return self._dimensions

    @property
    def max_tokens(self) -> int:
        """The setting."""
        return self._settings.max_tokens

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors (n x dimensions, float32) of texts to be found.

        Raises:
            TransientError: the endpoint was not reached or is busy, after four attempts.
            ConfigError: it refuses the key or does not know the address or model.
            DataError: it refuses the request, or what it sends are not the vectors asked for.
        """
        return self._embed([self._settings.passage_prefix + text for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors (n x dimensions, float32) of questions; raises as `embed_passages`."""
        return self._embed([self._settings.query_prefix + text for text in texts])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """An estimate: each Han character one, three other characters one."""
        prefix = self._settings.passage_prefix
        return [_estimate(prefix + text) for text in texts]

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _embed(self, texts: list[str]) -> Vectors:
        import numpy as np

        size = self._settings.batch
        parts = [self._ask(texts[i : i + size]) for i in range(0, len(texts), size)]
        if not parts:
            return np.empty((0, self.dimensions), np.float32)
        if len({part.shape[1] for part in parts}) > 1:
            raise DataError("vectors of different lengths came", where=self._where)
        vectors = np.concatenate(parts)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.all(np.isfinite(lengths)) or not np.all(lengths > 0):
            raise DataError("a vector is zero or not finite", where=self._where)
        unit: Vectors = vectors / lengths
        return unit

    def _ask(self, texts: list[str]) -> Vectors:
        body: dict[str, Any] = {
            "model": self._settings.model,
            "input": texts,
            "encoding_format": self._settings.encoding,
        }
        if self._settings.dimensions:
            body["dimensions"] = self._settings.dimensions
        may_spend(None if self._price is None else self._price.prompt, where="encoder http")
        reply = self._client.post(_PATH, body)
        found = self._vectors(reply, len(texts))
        longest = self._settings.max_tokens
        read = said_tokens(reply) or sum(min(_estimate(text), longest) for text in texts)
        tokens_read(read, dollars=None if self._price is None else self._price.dollars(read))
        return found

    def _vectors(self, reply: Any, count: int) -> Vectors:
        import numpy as np

        try:
            rows = sorted(reply["data"], key=lambda row: row["index"])
            vectors = np.array([_decode(row["embedding"]) for row in rows], np.float32)
            places = [row["index"] for row in rows]
        except (TypeError, KeyError, ValueError, binascii.Error) as problem:
            raise DataError(
                f"the reply holds no vectors ({type(problem).__name__})",
                where=self._where,
                hint="base_url must be the address of an OpenAI-compatible API",
            ) from None
        if places != list(range(count)) or vectors.ndim != 2:
            raise DataError(f"{count} vectors were asked, {len(rows)} came", where=self._where)
        if vectors.shape[1] != (self._settings.dimensions or vectors.shape[1]):
            raise DataError(
                f"vectors of {vectors.shape[1]} dimensions came, not {self._settings.dimensions}",
                where=self._where,
                hint="the model does not shorten vectors: leave dimensions out",
            )
        return vectors


def _decode(embedding: Any) -> Any:
    """Base64 of little-endian float32, or a list of numbers, whichever came."""
    import numpy as np

    if isinstance(embedding, str):
        return np.frombuffer(base64.b64decode(embedding, validate=True), "<f4")
    return embedding


def _estimate(text: str) -> int:
    han = sum(map(is_han, text))
    return han + math.ceil((len(text) - han) / _CHARS_PER_TOKEN)
