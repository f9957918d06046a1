"""Measures an encoder on the dev and general rows as it will serve: without torch, beside its base."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from surefoot.models.base import ModelEnv
from surefoot.models.embed import LocalEncoder, LocalSettings, turned
from surefoot.tune.encoder.looks import Look, Questions, mean, questions_of
from surefoot.tune.encoder.pairs import Lesson

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors

Part = Literal["dev", "general"]
Side = Literal["both", "query"]


@dataclass(frozen=True, slots=True)
class Measured:
    """Scores of each question by part, and the vectors of the questions (n x dimensions) in the order of the parts."""

    scores: dict[Part, list[float]]
    asked: Vectors

    def mean(self, part: Part) -> float:
        """The mean score of a part; 0 where it has no question."""
        return mean(self.scores[part])


class Passages:
    """The vectors of passages by the base, each made once."""

    def __init__(self, encoder: LocalEncoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Vectors] = {}

    def of(self, texts: Sequence[str]) -> Vectors:
        """The vectors (n x dimensions) of the texts, in their order."""
        import numpy as np

        fresh = [text for text in dict.fromkeys(texts) if text not in self._known]
        if fresh:
            self._known |= zip(fresh, self._encoder.embed_passages(fresh), strict=True)
        if not texts:
            return np.empty((0, self._encoder.dimensions), np.float32)
        return np.stack([self._known[text] for text in texts])

    def asked(self, texts: Sequence[str]) -> Vectors:
        """The base's vectors of questions."""
        return self._encoder.embed_queries(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text as a passage."""
        return self._encoder.count_tokens(texts)


class Bench:
    """Holds the questions and what the base makes of them."""

    def __init__(self, lesson: Lesson, encoder: LocalEncoder, side: Side, pool: int) -> None:
        limit = None if side == "query" else pool
        self.side = side
        self.parts: dict[Part, Questions] = {
            "dev": questions_of(lesson.dev, [r.positive for r in lesson.train], limit),
            "general": questions_of(lesson.general, [r.positive for r in lesson.replayed], limit),
        }
        self.held = Passages(encoder)
        self._passages = {
            part: self.held.of(questions.passages) for part, questions in self.parts.items()
        }
        self.before = self._measured(encoder)

    def measure(self, folder: Path, env: ModelEnv) -> Measured:
        """How the weights in a folder fare; one network beside the base's is open meanwhile."""
        with closing(LocalEncoder(LocalSettings(model=str(folder)), env)) as encoder:
            return self._measured(encoder, moved=self.side == "both")

    def turned(self, matrix: Vectors) -> Measured:
        """How the base's own vectors of the questions fare, turned by a matrix."""
        asked = turned(self.before.asked, matrix)
        scores: dict[Part, list[float]] = {}
        start = 0
        for part, questions in self.parts.items():
            own = asked[start : start + len(questions.ids)]
            scores[part] = questions.scores(own, self._passages[part])
            start += len(questions.ids)
        return Measured(scores, asked)

    def passages(self, part: Part) -> Vectors:
        """The base's vectors of the passages of a part."""
        return self._passages[part]

    def looks(self, after: Measured) -> list[Look]:
        """Each question before and after."""
        return [
            Look(id=name, part=part, cluster=cluster, before=was, after=now)
            for part, questions in self.parts.items()
            for name, cluster, was, now in zip(
                questions.ids,
                questions.clusters,
                self.before.scores[part],
                after.scores[part],
                strict=True,
            )
        ]

    def _measured(self, encoder: LocalEncoder, *, moved: bool = False) -> Measured:
        import numpy as np

        scores: dict[Part, list[float]] = {}
        rows: list[Vectors] = []
        for part, questions in self.parts.items():
            asked = encoder.embed_queries(questions.texts)
            held = encoder.embed_passages(questions.passages) if moved else self._passages[part]
            scores[part] = questions.scores(asked, held)
            rows.append(asked)
        return Measured(scores, np.concatenate(rows))


def drift(before: Measured, after: Measured) -> float:
    """How far the vectors of the questions moved: 1 - mean cosine; 0 where there is none."""
    if not len(before.asked):
        return 0.0
    return float(1 - (before.asked * after.asked).sum(axis=1).mean())


def scratch(env: ModelEnv, folder: Path) -> ModelEnv:
    """The same machine with a cache of its own, for weights that are only tried."""
    return replace(env, cache=folder)


def means(parts: Sequence[tuple[str, Measured]]) -> dict[str, float]:
    """The means by name, for the card: `dev_before` and the like."""
    return {
        f"{part}_{when}": round(found.mean(part), 5)
        for when, found in parts
        for part in found.scores
        if found.scores[part]
    }
