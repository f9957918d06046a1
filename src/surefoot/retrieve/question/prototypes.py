"""Tells which of several groups a text belongs to, or that it belongs to none, from a few examples of each.

A multinomial logistic regression on the encoder's vectors, with a background of other texts as one more
group. "None of these" is calibrated without further examples: each group in turn is left out and plays
the unknown, examples that were held out play the known. Knows vectors and numbers only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from surefoot.core.logistic import Logistic, fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Places = NDArray[np.int64]

_FOLDS = 5
_STEPS = 60
_RADIUS = 9.0
"""Length that an average example is scaled to: encoders crowd their vectors into a narrow cone."""
_BACKGROUND = 0
_FLOOR = 1e-12


@dataclass(frozen=True, slots=True)
class Guess:
    """The likeliest group, and the calibrated probability that the text belongs to any group at all."""

    group: str
    known: float


@dataclass(frozen=True, slots=True)
class Prototypes:
    """Groups learnt from examples. `threshold` lets the share of known texts through that was asked for.

    `seen` are the probabilities of known texts that were held out, by which it was found.
    """

    groups: tuple[str, ...]
    threshold: float
    calibration: Logistic
    regression: _Regression
    seen: Floats

    def threshold_for(self, keep: float) -> float:
        """The threshold that lets this share of known texts through."""
        return float(np.quantile(self.seen, 1 - keep))

    def guess(self, vector: NDArray[np.floating[Any]]) -> Guess:
        """The group of one text, by its vector."""
        chances = self.regression.chances(np.asarray(vector, np.float64)[None])
        known = self.calibration.probability(_sign(chances))
        return Guess(self.groups[int(chances[0, 1:].argmax())], float(known[0]))


def learn(
    vectors: NDArray[np.floating[Any]],
    names: Sequence[str],
    background: NDArray[np.floating[Any]],
    *,
    keep: float,
) -> Prototypes:
    """Groups from the vectors of their examples (n x dimensions), the name of each one's group, and other texts.

    `keep` is the share of texts of the groups that the threshold lets through.
    """
    groups = tuple(dict.fromkeys(names))
    rows = np.concatenate([background, vectors]).astype(np.float64)
    own = np.array([groups.index(name) + 1 for name in names], np.int64)
    places = np.concatenate([np.full(len(background), _BACKGROUND), own])
    signs, labels = (np.concatenate(found) for found in zip(*_trials(rows, places), strict=True))
    calibration = fit(signs, labels)
    seen = calibration.probability(signs[labels])
    threshold = float(np.quantile(seen, 1 - keep))
    return Prototypes(groups, threshold, calibration, _regression(rows, places), seen)


def _trials(rows: Floats, places: Places) -> Iterator[tuple[Floats, Flags]]:
    """The sign of texts that were not learnt from, and whether they are of a group that was."""
    order = np.argsort(places, kind="stable")
    fold = np.empty(len(places), np.int64)
    fold[order] = np.arange(len(places)) % _FOLDS
    groups = int(places.max())
    for number in range(_FOLDS):
        away = fold == number
        yield _tried(rows, places, away, known=True)
        if groups > 1:
            yield _tried(rows, places, (places > 0) & (places % _FOLDS == number), known=False)


def _tried(rows: Floats, places: Places, away: Flags, *, known: bool) -> tuple[Floats, Flags]:
    _, kept = np.unique(places[~away], return_inverse=True)
    if not away.any() or not kept.any():
        return np.empty((0, 1)), np.empty(0, bool)
    learnt = _regression(rows[~away], kept)
    return _sign(learnt.chances(rows[away])), (places[away] != _BACKGROUND) & known


@dataclass(frozen=True, slots=True)
class _Regression:
    middle: Floats
    scale: float
    weights: Floats

    def chances(self, rows: Floats) -> Floats:
        """The probability of each group, the background first (n x groups)."""
        return _softmax(_with_one((rows - self.middle) * self.scale) @ self.weights)


def _regression(rows: Floats, places: Places) -> _Regression:
    """Fitted by Nesterov's method in a fixed number of steps: convex, so the start does not matter."""
    middle = rows.mean(axis=0)
    spread = float(np.sqrt(((rows - middle) ** 2).sum(axis=1).mean()))
    scale = _RADIUS / max(spread, _FLOOR)
    inputs = _with_one((rows - middle) * scale)
    wanted = np.eye(int(places.max()) + 1)[places]
    curve = float(np.linalg.norm(inputs, 2) ** 2 / 2 + 1) / len(rows)
    weights = np.zeros((inputs.shape[1], wanted.shape[1]))
    before = weights
    for step in range(_STEPS):
        ahead = weights + step / (step + 3) * (weights - before)
        slope = (inputs.T @ (_softmax(inputs @ ahead) - wanted) + ahead) / len(rows)
        before, weights = weights, ahead - slope / curve
    return _Regression(middle, scale, weights)


def _sign(chances: Floats) -> Floats:
    """The log odds of the likeliest group (n x 1)."""
    best = chances[:, 1:].max(axis=1).clip(_FLOOR, 1 - _FLOOR)
    odds: Floats = np.log(best / (1 - best))[:, None]
    return odds


def _softmax(linear: Floats) -> Floats:
    raised = np.exp(linear - linear.max(axis=1, keepdims=True))
    found: Floats = raised / raised.sum(axis=1, keepdims=True)
    return found


def _with_one(rows: Floats) -> Floats:
    found: Floats = np.column_stack([rows, np.ones(len(rows))])
    return found
