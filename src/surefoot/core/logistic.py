"""Logistic regression by Newton's method with a Gaussian prior, and how well its scores separate. Knows numbers only.

The libraries that have it (scikit-learn, scipy) are too large for the base install.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

_STEPS = 50
_SETTLED = 1e-9
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Logistic:
    """The probability `1 / (1 + exp(-(bias + weights . features)))`."""

    bias: float
    weights: tuple[float, ...]

    def probability(self, features: Floats) -> Floats:
        """One probability for each row of features (n x weights)."""
        return _sigmoid(self.bias + features @ np.asarray(self.weights))


def fit(
    features: Floats, labels: Flags, *, prior: Logistic | None = None, strength: float = 1.0
) -> Logistic:
    """The most probable coefficients under a prior around `prior` (zeros where none is given).

    `strength` is the prior's precision per standard deviation of a feature, in units of
    observations; the bias is free. A feature that does not vary keeps its prior weight.
    """
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1.0)
    rows = np.column_stack([np.ones(len(features)), (features - mean) / scale])
    start = prior or Logistic(0.0, (0.0,) * features.shape[1])
    inner = np.asarray(start.weights) * scale
    centre = np.array([start.bias + float(mean @ np.asarray(start.weights)), *inner])
    precision = np.array([1e-6, *([strength] * features.shape[1])])
    found = _newton(rows, labels.astype(np.float64), centre, precision)
    weights = found[1:] / scale
    return Logistic(float(found[0] - mean @ weights), tuple(float(w) for w in weights))


def auc(scores: Floats, labels: Flags) -> float:
    """The chance that a random positive scores above a random negative; ties count half; nan without both."""
    positive, negative = int(labels.sum()), int((~labels).sum())
    if not positive or not negative:
        return float("nan")
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((ranks[labels].sum() - positive * (positive + 1) / 2) / (positive * negative))


def interval(
    statistic: Callable[[Floats, Flags], float], scores: Floats, labels: Flags, *, seed: int = 0
) -> tuple[float, float]:
    """The 95% bootstrap interval of a statistic, resampling positives and negatives apart."""
    draw = np.random.default_rng(seed)
    sides = (np.flatnonzero(labels), np.flatnonzero(~labels))
    values = []
    for _ in range(_RESAMPLES):
        chosen = np.concatenate([draw.choice(side, len(side)) for side in sides if len(side)])
        values.append(statistic(scores[chosen], labels[chosen]))
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)


def _newton(rows: Floats, labels: Floats, centre: Floats, precision: Floats) -> Floats:
    at = centre.copy()
    for _ in range(_STEPS):
        expected = _sigmoid(rows @ at)
        slope = rows.T @ (expected - labels) + precision * (at - centre)
        curve = (rows * (expected * (1 - expected))[:, None]).T @ rows + np.diag(precision)
        whole = np.linalg.solve(curve, slope).astype(np.float64)
        step = _downhill(rows, labels, at, whole, (centre, precision))
        at = at - step
        if float(np.abs(step).max()) < _SETTLED:
            break
    return at


def _downhill(
    rows: Floats,
    labels: Floats,
    at: Floats,
    step: Floats,
    prior: tuple[Floats, Floats],
) -> Floats:
    """The step, halved until the loss does not grow."""
    now = _loss(rows, labels, at, prior)
    while _loss(rows, labels, at - step, prior) > now and float(np.abs(step).max()) > _SETTLED:
        step = step / 2
    return step


def _loss(rows: Floats, labels: Floats, at: Floats, prior: tuple[Floats, Floats]) -> float:
    linear = rows @ at
    centre, precision = prior
    fit_loss = np.logaddexp(0.0, linear) - labels * linear
    return float(fit_loss.sum() + (precision * (at - centre) ** 2).sum() / 2)


def _sigmoid(linear: Floats) -> Floats:
    return np.exp(-np.logaddexp(0.0, -linear))
