"""How likely a reranked hit is to be relevant: a logistic model of its signals, so that a threshold means something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import Field

from surefoot.config.base import PartSettings, Settings
from surefoot.core.lang import mostly_han
from surefoot.core.logistic import Logistic
from surefoot.core.types import Hit
from surefoot.retrieve.rerank.learnt import learnt

_SCRIPT_CHARS = 1000
"""What of a text tells its script."""


class Calibration(Settings):
    """The probability `1 / (1 + exp(-(bias + weights . signals)))` that a hit is relevant.

    Signals are those of the hit, and: `lead`, how far its `rerank` is above that of the best other hit (below 0 for
    all but the first), and `across`, 1 where question and passage are in different scripts. One it lacks counts 0.
    """

    bias: float
    weights: Mapping[str, float]
    across: bool = Field(
        default=True,
        description="whether it holds for passages in another script than the question",
    )


def shipped_calibration(by: PartSettings) -> Calibration | None:
    """What comes along for a reranker with the weights that come along; None where nothing was learnt."""
    if by.model_dump(exclude={"kind"}, exclude_none=True) or by.kind != "features":
        return None
    weights = dict(learnt()["features_relevance"])
    return Calibration(bias=weights.pop("bias"), weights=weights, across=False)


def judged(question: str, hits: Sequence[Hit]) -> list[dict[str, float]]:
    """All signals of each reranked hit that a calibration may weigh."""
    scores = [hit.signals["rerank"] for hit in hits]
    best = sorted(scores)[-2:]
    asked = mostly_han(question[:_SCRIPT_CHARS])
    found = []
    for hit, score in zip(hits, scores, strict=True):
        other = best[0] if score == best[-1] else best[-1]
        across = asked != mostly_han(hit.chunk.text[:_SCRIPT_CHARS])
        found.append({**hit.signals, "lead": score - other, "across": float(across)})
    return found


def relevance(calibration: Calibration, signals: Sequence[Mapping[str, float]]) -> list[float]:
    """The probability of each hit (0 to 1)."""
    names = sorted(calibration.weights)
    rows = np.array([[said.get(name, 0.0) for name in names] for said in signals], np.float64)
    model = Logistic(calibration.bias, tuple(calibration.weights[name] for name in names))
    return [float(chance) for chance in model.probability(rows.reshape(len(signals), len(names)))]
