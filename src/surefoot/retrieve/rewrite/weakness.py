"""How likely the best hit answers, told by the question's words and the scores alone: no model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from surefoot.core.roles import Parts, frequencies_for
from surefoot.core.types import Hit, Query
from surefoot.retrieve.rerank.features import FEATURES, ask, measure
from surefoot.retrieve.rerank.learnt import learnt
from surefoot.retrieve.rerank.relevance import judged, relevance, shipped_calibration
from surefoot.retrieve.rerank.rerank_features import FeatureSettings


@dataclass(frozen=True, slots=True)
class Likeliest:
    """The probability of the likeliest hit to be relevant (0 to 1), and whether it is in another script than asked."""

    chance: float
    across: bool


def likeliest(query: Query, hits: Sequence[Hit], parts: Parts) -> Likeliest:
    """The hit that best answers by words and scores; 0 where there is none.

    The probability is that of the features reranker, which was calibrated on questions in the language of the
    documents; words cannot meet a passage in another script, so that probabilities there run lower.
    """
    calibration = shipped_calibration(FeatureSettings())
    if not hits or calibration is None:
        return Likeliest(0.0, across=False)
    weights = np.array([learnt()["features"].get(name, 0.0) for name in FEATURES])
    scores = measure(ask(query.asked, frequencies_for(parts.index(), query.asker)), hits) @ weights
    scored = [
        replace(hit, signals={**hit.signals, "rerank": float(score)})
        for hit, score in zip(hits, scores, strict=True)
    ]
    told = judged(query.asked, scored)
    chances = relevance(calibration, told)
    best = max(range(len(chances)), key=lambda place: chances[place])
    return Likeliest(chances[best], bool(told[best]["across"]))
