"""Reranks by late interaction: each token of the question looks for its nearest token in the passage (MaxSim)."""

from __future__ import annotations

import unicodedata
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, NonNegativeInt

from surefoot.config.base import Incidental, PartSettings
from surefoot.core.digest import digest_json
from surefoot.core.errors import ConfigError
from surefoot.core.metering import tokens_read, unmetered
from surefoot.core.roles import Parts, TokenEncoder, TokenVectors
from surefoot.core.types import Hit, Query
from surefoot.models.base import ModelEnv
from surefoot.retrieve.rerank.texts import whole_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Tokens = NDArray[np.float16]
    Floats = NDArray[np.float32]


class LateInteractionSettings(PartSettings):
    """Token vectors of the solution's own encoder: each word of the question looks for its nearest in the passage."""

    kind: Literal["late-interaction"] = "late-interaction"
    weigh: Literal["telling", "equal"] = Field(
        default="telling",
        description="telling: a token of the question counts more where one passage stands out; equal: all the same",
    )
    remember: Annotated[NonNegativeInt, Incidental()] = Field(
        default=256, description="passages whose token vectors stay in memory (about 0.15 MB each)"
    )


class LateInteraction:
    """The weighted mean over the question's tokens of the highest cosine to a token of the passage.

    Punctuation, prefixes and special tokens are left out on both sides.
    """

    Settings = LateInteractionSettings
    share: ClassVar[float] = 0.5

    def __init__(self, settings: LateInteractionSettings, env: ModelEnv) -> None:
        del env
        self._settings = settings
        self._kept: OrderedDict[str, tuple[Tokens, int]] = OrderedDict()
        self._lock = Lock()

    def score_hits(
        self, query: Query, hits: Sequence[Hit], parts: Parts, /
    ) -> list[Mapping[str, float]]:
        """`rerank`, a mean of cosines.

        Raises:
            ConfigError: the encoder of the solution gives no token vectors.
        """
        encoder = parts.encoder()
        if not isinstance(encoder, TokenEncoder):
            raise ConfigError(
                f"the encoder {type(encoder).__name__} gives no vectors of tokens",
                where="rerank.by: late-interaction",
                hint='use one of kind = "local", or another reranker',
            )
        (asked,) = encoder.embed_tokens([query.asked], "query")
        wanted = _words(query.asked, asked).astype(np.float32)
        texts = [whole_text(hit.chunk) for hit in hits]
        nearest = np.zeros((len(hits), len(wanted)), np.float32)
        for i, found in enumerate(self._tokens(texts, encoder)):
            nearest[i] = _nearest(wanted, found)
        weights = _weights(nearest, self._settings.weigh)
        return [{"rerank": float(row @ weights)} for row in nearest]

    def close(self) -> None:
        """Forgets the vectors."""
        with self._lock:
            self._kept.clear()

    def _tokens(self, texts: Sequence[str], encoder: TokenEncoder) -> list[Tokens]:
        names = [digest_json(text) for text in texts]
        with self._lock:
            found = {name: self._kept[name] for name in names if name in self._kept}
        fresh = {name: text for name, text in zip(names, texts, strict=True) if name not in found}
        with unmetered():
            made = encoder.embed_tokens(list(fresh.values()), "passage")
        found |= {
            name: (_words(text, one), len(one.spans))
            for (name, text), one in zip(fresh.items(), made, strict=True)
        }
        # A passage counts each time, so that a question costs the same whichever was asked before.
        tokens_read(sum(found[name][1] for name in names))
        with self._lock:
            for name in names:
                self._kept[name] = found[name]
                self._kept.move_to_end(name)
            while len(self._kept) > self._settings.remember:
                self._kept.popitem(last=False)
        return [found[name][0] for name in names]


def _words(text: str, found: TokenVectors) -> Tokens:
    """The vectors of the tokens that are more than punctuation."""
    own = [i for i, (start, end) in enumerate(found.spans) if _says(text[start:end])]
    return found.vectors[own].astype(np.float16)


def _says(piece: str) -> bool:
    return any(unicodedata.category(char)[0] in "LNM" for char in piece)


def _nearest(wanted: Floats, found: Tokens) -> Floats:
    """The highest cosine of each token of the question; 0 where the passage has none."""
    if not len(found):
        return np.zeros(len(wanted), np.float32)
    best: Floats = (wanted @ found.astype(np.float32).T).max(axis=1)
    return best


def _weights(nearest: Floats, how: str) -> Floats:
    """What each token of the question counts, 1 in all: the rare and the meant stand out in a few passages."""
    raw = np.ones(nearest.shape[1], np.float32)
    if how == "telling" and len(nearest):
        raw = nearest.max(axis=0) - nearest.mean(axis=0)
    whole = float(raw.sum())
    return (raw / whole if whole else raw).astype(np.float32)
