"""Image-text models behind an endpoint, as Jina, vLLM and Cohere publish it. Knows the wire, no documents."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from surefoot.config.images import Images
from surefoot.config.prices import price_of
from surefoot.core.digest import digest_json
from surefoot.core.errors import DataError
from surefoot.core.metering import may_spend, tokens_read
from surefoot.models.http import Address, JsonClient, Patience, refuse_offline

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors
    from surefoot.models.base import ModelEnv

_MAX_REPLY = 16_000_000


class ImageTextEncoder:
    """Unit vectors of pictures and of questions, in one space."""

    def __init__(self, settings: Images, env: ModelEnv, client: JsonClient | None = None) -> None:
        self._settings = settings
        if env.offline:
            refuse_offline(settings.base_url, settings.base_url)
        self._client = client or JsonClient(
            Address(settings.base_url, settings.base_url, settings.key, settings.timeout_s),
            patience=Patience(max_bytes=_MAX_REPLY),
        )
        self.digest = images_digest(settings)

    @property
    def batch(self) -> int:
        """Pictures a request."""
        return self._settings.batch if self._settings.shape == "jina" else 1

    def embed_pictures(self, pictures: Sequence[bytes]) -> Vectors:
        """Unit vectors (n x dimensions, float32) of JPEG files.

        Raises:
            TransientError: the endpoint was not reached or is busy, after four attempts.
            ConfigError: it refuses the key or does not know the address or model.
            DataError: it refuses the request, or what it sends are not the vectors asked for.
        """
        import numpy as np

        size = self.batch
        parts = [
            self._ask(self._of_pictures(pictures[at : at + size]), len(pictures[at : at + size]))
            for at in range(0, len(pictures), size)
        ]
        if len({part.shape[1] for part in parts}) > 1:
            raise self._wrong("vectors of different lengths came")
        return np.concatenate(parts) if parts else np.empty((0, 0), np.float32)

    def embed_question(self, text: str) -> Vectors:
        """The unit vector of a question; raises as `embed_pictures`, after `question_s` seconds in all."""
        found: Vectors = self._ask(self._of_text(text), 1, self._settings.question_s)[0]
        return found

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _of_pictures(self, pictures: Sequence[bytes]) -> dict[str, Any]:
        plain = [base64.b64encode(picture).decode("ascii") for picture in pictures]
        urls = [f"data:image/jpeg;base64,{one}" for one in plain]
        if self._settings.shape == "cohere":
            return {"input_type": "image", "images": urls}
        if self._settings.shape == "jina":
            return {"input": [{"image": one} for one in plain]}
        told = {"type": "text", "text": self._settings.image_prompt}
        return _message({"type": "image_url", "image_url": {"url": urls[0]}}, told)

    def _of_text(self, text: str) -> dict[str, Any]:
        if self._settings.shape == "cohere":
            return {"input_type": "search_query", "texts": [text]}
        if self._settings.shape == "jina":
            return {"input": [{"text": text}]}
        return _message({"type": "text", "text": text})

    def _ask(self, asked: dict[str, Any], count: int, within_s: float | None = None) -> Vectors:
        settings, cohere = self._settings, self._settings.shape == "cohere"
        body = {"model": settings.model, **asked}
        body |= {"embedding_types": ["float"]} if cohere else {"encoding_format": "float"}
        if settings.shape == "jina":
            body["embedding_type"] = body.pop("encoding_format")
        if settings.dimensions:
            body["output_dimension" if cohere else "dimensions"] = settings.dimensions
        price = settings.price
        if price is None and price_of(settings.base_url, settings.model) is not None:
            price = 0.0
        may_spend(price, where="images")
        reply = self._client.post("/v2/embed" if cohere else "/embeddings", body, within_s=within_s)
        vectors = self._vectors(reply, count)
        tokens_read(0, dollars=None if price is None else count * price / 1000)
        return vectors

    def _vectors(self, reply: Any, count: int) -> Vectors:
        import numpy as np

        try:
            if self._settings.shape == "cohere":
                rows = list(reply["embeddings"]["float"])
            else:
                given = sorted(reply["data"], key=lambda row: row["index"])
                if [row["index"] for row in given] != list(range(count)):
                    raise self._wrong(f"{count} vectors were asked, {len(given)} came")
                rows = [row["embedding"] for row in given]
            vectors = np.array(rows, np.float32)
        except (TypeError, KeyError, ValueError) as problem:
            raise self._wrong(f"the reply holds no vectors ({type(problem).__name__})") from None
        if vectors.ndim != 2 or len(vectors) != count or not vectors.shape[1]:
            raise self._wrong(f"{count} vectors were asked, {len(vectors)} came")
        wanted = self._settings.dimensions
        if wanted and vectors.shape[1] != wanted:
            raise self._wrong(f"vectors of {vectors.shape[1]} dimensions came, not {wanted}")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.all(np.isfinite(lengths)) or not np.all(lengths > 0):
            raise self._wrong("a vector is zero or not finite")
        unit: Vectors = vectors / lengths
        return unit

    def _wrong(self, message: str) -> DataError:
        return DataError(
            message, where=self._settings.base_url, hint="check base_url, shape and dimensions"
        )


def images_digest(settings: Images) -> str:
    """What names the vectors of an endpoint."""
    named = [settings.shape, settings.base_url, settings.model, settings.dimensions]
    return digest_json(["images", *named, settings.side, settings.image_prompt])


def _message(*content: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(content)}]}
