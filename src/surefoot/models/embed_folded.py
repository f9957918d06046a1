"""An encoder that reads traditional Han characters as simplified ones. Knows another encoder, no weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from surefoot.core.lang.han import simplified
from surefoot.core.roles import TEXTS, Encoder, TokenEncoder

if TYPE_CHECKING:
    from surefoot.core.roles import TokenVectors, Vectors


def folded(encoder: Encoder) -> Encoder:
    """The encoder with every text folded before it is read; it embeds tokens where the encoder does."""
    if isinstance(encoder, TokenEncoder):
        return FoldedTokenEncoder(encoder, encoder)
    return FoldedEncoder(encoder)


class FoldedEncoder:
    """Texts of either script have the same vector."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.digest = f"{encoder.digest}{TEXTS}simplified"

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self._encoder.dimensions

    @property
    def max_tokens(self) -> int:
        """What the encoder reads at most."""
        return self._encoder.max_tokens

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """One unit vector for each text."""
        return self._encoder.embed_passages([simplified(text) for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """One unit vector for each question."""
        return self._encoder.embed_queries([simplified(text) for text in texts])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as it is read."""
        return self._encoder.count_tokens([simplified(text) for text in texts])

    def close(self) -> None:
        """Closes the encoder."""
        self._encoder.close()


class FoldedTokenEncoder(FoldedEncoder):
    """The same for each token; folding keeps every character's place, so the spans are those of the text given."""

    def __init__(self, encoder: Encoder, tokens: TokenEncoder) -> None:
        super().__init__(encoder)
        self._tokens = tokens

    def embed_tokens(
        self, texts: Sequence[str], side: Literal["query", "passage"]
    ) -> list[TokenVectors]:
        """The tokens of each text."""
        return self._tokens.embed_tokens([simplified(text) for text in texts], side)
