"""Reranks by words and titles alone, with learnt weights. Costs no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

from surefoot.config.base import PartSettings
from surefoot.core.roles import Parts, frequencies_for
from surefoot.core.types import Hit, Query
from surefoot.models.base import ModelEnv
from surefoot.retrieve.rerank.features import FEATURES, ask, measure
from surefoot.retrieve.rerank.learnt import learnt


class FeatureSettings(PartSettings):
    """Rarity-weighted words, their nearness, phrases and titles with learnt weights; no model."""

    kind: Literal["features"] = "features"
    weights: Mapping[str, float] | None = Field(
        default=None,
        description="weight of each feature; null = those that come along; surefoot learn rerank writes your own",
    )

    @field_validator("weights")
    @classmethod
    def _only_features(cls, weights: Mapping[str, float] | None) -> Mapping[str, float] | None:
        if weights is not None and set(weights) - set(FEATURES):
            raise ValueError(f"knows {', '.join(FEATURES)}; nothing else")
        return weights


class FeatureReranker:
    """Scores hits by the weighted sum of their features; one that has no weight counts nothing."""

    Settings = FeatureSettings
    share: ClassVar[float] = 1.0  # the score before is a feature itself

    def __init__(self, settings: FeatureSettings, env: ModelEnv) -> None:
        del env
        self._weights = settings.weights or learnt()["features"]

    def score_hits(
        self, query: Query, hits: Sequence[Hit], parts: Parts, /
    ) -> list[Mapping[str, float]]:
        """`rerank` and each of FEATURES but `before`, which is the score that a hit had."""
        rows = measure(ask(query.asked, frequencies_for(parts.index(), query.asker)), hits)
        scores = rows @ np.array([self._weights.get(name, 0.0) for name in FEATURES])
        return [
            {"rerank": float(score)}
            | {name: float(value) for name, value in zip(FEATURES[1:], row[1:], strict=True)}
            for score, row in zip(scores, rows, strict=True)
        ]

    def close(self) -> None:
        """Holds nothing."""
