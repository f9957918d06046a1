"""What encoders, rerankers and chat models promise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from surefoot.core.types import Usage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]


TEXTS = "+"
"""In an encoder's digest, what stands before this names how it makes cosines, what follows what it does to texts."""


class Encoder(Protocol):
    """Embeds texts as unit vectors (n x dimensions, float32). Adds its own query and passage prefixes."""

    @property
    def digest(self) -> str:
        """Names weights, pooling, prefixes and precision: what an index must agree with.

        What is done to texts before they are read stands behind `TEXTS`.
        """
        ...

    @property
    def dimensions(self) -> int: ...

    @property
    def max_tokens(self) -> int: ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors: ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as a passage, prefix and special tokens included, nothing cut."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The tokens of one text without prefix and special ones: the characters of each, and its unit vector.

    `vectors` has one row a span (n x dimensions, float32); what the encoder cuts has none.
    """

    spans: tuple[tuple[int, int], ...]
    vectors: Vectors


@runtime_checkable
class TokenEncoder(Protocol):
    """What an encoder may do besides: one vector for each token, each read in the context of its text."""

    def embed_tokens(
        self, texts: Sequence[str], side: Literal["query", "passage"]
    ) -> list[TokenVectors]: ...


class Reranker(Protocol):
    """Scores texts against a query; higher is better, scores of one call compare."""

    def score(self, query: str, texts: Sequence[str]) -> list[float]: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a chat model said. `finish` is `length` when it was cut by `max_tokens`.

    `probability` is that of the whole reply under the model (0 to 1), where the engine tells it.
    """

    text: str
    usage: Usage
    finish: Literal["stop", "length"] = "stop"
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What whoever asks wants of one answer over the solution's settings; None leaves them.

    `passages`: of how many it is made at most. `max_tokens` only lowers what the solution allows.
    """

    passages: int | None = None
    max_tokens: int | None = None
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a reply is drawn. `schema` asks for JSON that fits this JSON Schema."""

    max_tokens: int = 512
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None

    def wished(self, wish: Wish) -> Sampling:
        """The same as far as nothing else is wished."""
        most = self.max_tokens if wish.max_tokens is None else min(self.max_tokens, wish.max_tokens)
        warmth = self.temperature if wish.temperature is None else wish.temperature
        return replace(self, max_tokens=most, temperature=warmth)


class ChatModel(Protocol):
    """Answers messages; streams text to `on_text` as it comes when one is given."""

    @property
    def context_tokens(self) -> int: ...

    def chat(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply: ...

    def count_tokens(self, text: str) -> int: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Likelihoods:
    """How likely a model would begin its reply with each of some choices: natural logarithms, in their order.

    They are of all that it could say, so that those of different prompts compare. A choice that the engine does not
    tell of has that of the least likely one it does. `told` is False where the engine only said one of the choices:
    that has 0, the others minus infinity.
    """

    logprobs: tuple[float, ...]
    usage: Usage
    told: bool = True


@runtime_checkable
class ScoringChat(Protocol):
    """What a chat model may do besides: tell how likely each of some short replies is."""

    def choice_logprobs(
        self, messages: Sequence[Message], choices: Sequence[str], /
    ) -> Likelihoods:
        """The log-probability of each choice; the choices begin with different signs.

        Raises:
            DataError: the prompt does not fit the context, or the engine failed.
        """
        ...


class AdaptableChat(ChatModel, Protocol):
    """A chat model that holds adapters beside its weights; by itself it answers as if it had none."""

    def adapted(self, name: str, scale: float = 1.0) -> ChatModel:
        """The same model under one of its adapters, at this strength; nothing is loaded, closing it closes nothing.

        Raises:
            MissingError: it holds no adapter of this name.
        """
        ...
