"""Two encoders as one: a multilingual one for every text, and beside it one that knows a single language well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from surefoot.config.base import ModelName, PartSettings
from surefoot.config.catalog import load_catalog
from surefoot.core.digest import digest_json
from surefoot.core.lang import detect
from surefoot.core.types import Lang
from surefoot.models.base import ModelEnv
from surefoot.models.embed import LocalEncoder, LocalSettings

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors


class PairSettings(PartSettings):
    """A cosine of the pair is the weighted mean of both encoders' where both texts are in `lang`, else the first's."""

    kind: Literal["pair"] = "pair"
    model: ModelName = Field(default_factory=lambda: load_catalog().default("embedding"))
    beside: ModelName = Field(description="the encoder of texts in `lang`")
    lang: Lang = "en"
    share: float = Field(default=0.2, gt=0, lt=1, description="weight of `beside` in the mean")


class PairEncoder:
    """Sets the two vectors of a text side by side; a text in another language has zeros in the second place.

    The first encoder measures chunks; of a chunk that is longer than the second takes, the second sees the beginning.
    """

    Settings = PairSettings

    def __init__(self, settings: PairSettings, env: ModelEnv) -> None:
        self._settings = settings
        self._first = LocalEncoder(LocalSettings(model=settings.model), env)
        self._second = LocalEncoder(LocalSettings(model=settings.beside), env)
        self.digest = digest_json(
            ["pair", self._first.digest, self._second.digest, settings.lang, settings.share]
        )

    @property
    def dimensions(self) -> int:
        """The length of a vector: both encoders' together."""
        return self._first.dimensions + self._second.dimensions

    @property
    def max_tokens(self) -> int:
        """That of the first encoder, which sees the whole text."""
        return self._first.max_tokens

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors (n x dimensions, float32) of texts to be found."""
        return self._beside(texts, self._first.embed_passages(texts), self._second.embed_passages)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors (n x dimensions, float32) of questions."""
        return self._beside(texts, self._first.embed_queries(texts), self._second.embed_queries)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as the first encoder's passage, nothing cut."""
        return self._first.count_tokens(texts)

    def close(self) -> None:
        """Frees both networks."""
        self._first.close()
        self._second.close()

    def _beside(
        self, texts: Sequence[str], first: Vectors, embed: Callable[[Sequence[str]], Vectors]
    ) -> Vectors:
        import numpy as np

        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        vectors[:, : self._first.dimensions] = first
        known = [i for i, text in enumerate(texts) if detect(text) == self._settings.lang]
        if known:
            share = self._settings.share
            vectors[known] *= sqrt(1 - share)
            vectors[known, self._first.dimensions :] = sqrt(share) * embed(
                [texts[i] for i in known]
            )
        return vectors
