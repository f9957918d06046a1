"""An encoder without a model: words hashed into a vector. Knows which words a text has, nothing of their meaning."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import PartSettings
from surefoot.core.digest import digest_json
from surefoot.core.lang import count_terms, terms
from surefoot.core.metering import tokens_read
from surefoot.models.base import ModelEnv

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors


class HashSettings(PartSettings):
    """Feature hashing of stemmed words and Chinese bigrams: for tests, and for loads too large for a model."""

    kind: Literal["hash"] = "hash"
    dimensions: int = Field(default=512, ge=8, le=65536)
    max_tokens: PositiveInt = Field(
        default=8192, description="what chunks are measured against; nothing is ever cut"
    )


class HashEncoder:
    """Each term adds +-(1 + log count) at the place of its hash; texts with the same words are near each other."""

    Settings = HashSettings

    def __init__(self, settings: HashSettings, env: ModelEnv | None = None) -> None:  # noqa: ARG002
        self._settings = settings
        self.digest = digest_json(["hash", 1, settings.dimensions])

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self._settings.dimensions

    @property
    def max_tokens(self) -> int:
        """The setting; longer texts are embedded whole."""
        return self._settings.max_tokens

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors (n x dimensions, float32); a text without words gets the first axis."""
        import numpy as np

        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            counts = Counter(terms(text))
            tokens_read(counts.total())
            if not counts:
                row[0] = 1
                continue
            places = np.fromiter(map(_place, counts), np.uint64, len(counts))
            weights = 1 + np.log(np.fromiter(counts.values(), np.float64, len(counts)))
            weights[(places & np.uint64(1)) == 0] *= -1
            axes = ((places >> np.uint64(1)) % np.uint64(self.dimensions)).astype(np.intp)
            sums = np.bincount(axes, weights, self.dimensions)
            length = np.linalg.norm(sums)
            if length:
                row[:] = sums / length
            else:
                row[0] = 1
        return vectors

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """As `embed_passages`."""
        return self.embed_passages(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The terms of each text."""
        return [count_terms(text) for text in texts]

    def close(self) -> None:
        """Nothing is open."""


@lru_cache(maxsize=65536)
def _place(term: str) -> int:
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "little")
