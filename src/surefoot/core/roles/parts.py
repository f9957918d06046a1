"""What a stage may ask for when it is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from surefoot.core.errors import ConfigError
from surefoot.core.roles.engines import Engine
from surefoot.core.roles.index import Index
from surefoot.core.roles.models import ChatModel, Encoder, Reranker
from surefoot.core.roles.stages import Call, Stage
from surefoot.core.types import Hit, Query

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]


@runtime_checkable
class HitScorer(Protocol):
    """A reranker that needs more than texts: the hits with their signals, and parts of the solution.

    `share` is what its score should count in the new order where the solution does not say (0 to 1).
    """

    share: ClassVar[float]

    def score_hits(
        self, query: Query, hits: Sequence[Hit], parts: Parts, /
    ) -> list[Mapping[str, float]]:
        """Signals for each hit, `rerank` among them: higher is better, those of one call compare."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Judged:
    """Signals of the first hits, `rerank` among them; those that were not judged have none and stay below.

    `notes` say why, and what else is to be told.
    """

    signals: tuple[Mapping[str, float], ...] = ()
    notes: tuple[str, ...] = ()


@runtime_checkable
class HitJudge(HitScorer, Protocol):
    """A reranker that takes its time: it looks at the deadline and may stop before the end."""

    def judge_hits(self, query: Query, hits: Sequence[Hit], parts: Parts, call: Call, /) -> Judged:
        """Signals of as many of the first hits as could be judged; a model that fails is told in the notes."""
        ...


class OpensChat(Protocol):
    """Opens a chat model by alias, file or endpoint, under one of the workspace's adapters where one is named."""

    def __call__(self, name: str, adapter: str = "", /) -> ChatModel: ...


def no_reranker(settings: Any) -> Reranker | HitScorer:
    """Stands where nothing builds rerankers."""
    raise ConfigError(f"the reranker {settings.kind} cannot be built here")


def no_engine(settings: Any) -> Engine:
    """Stands where nothing builds search engines."""
    raise ConfigError(f"the engine {settings.kind} cannot be built here")


class Pictures(Protocol):
    """The pictures of the corpus, found by what they show. It knows no rights: who asks it looks in the index."""

    def nearest(self, question: str, /) -> Iterable[tuple[str, str, float]]:
        """Every picture as document id, digest of its content and cosine, nearest first.

        Raises:
            TransientError: the endpoint is out of reach.
            ConfigError: it refuses.
            DataError: what it sends is no vector of this space.
        """
        ...


def no_pictures() -> Pictures | None:
    """Stands where no pictures are searched."""
    return None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a stage may ask for when it is built. Heavy things open on first use and are closed by the pipeline.

    `file` gives the place of a file that settings name, relative to the workspace; `keep` is a folder for what can be
    made again at any time, None where nothing is to be kept.
    """

    index: Callable[[], Index]
    encoder: Callable[[], Encoder]
    chat: OpensChat
    prompt: Callable[[str, str], Any]
    stage: Callable[[Any], Stage]
    file: Callable[[str], Path] = Path
    reranker: Callable[[Any], Reranker | HitScorer] = no_reranker
    engine: Callable[[Any], Engine] = no_engine
    pictures: Callable[[], Pictures | None] = no_pictures
    keep: Path | None = None
