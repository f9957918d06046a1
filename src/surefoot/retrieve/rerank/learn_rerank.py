"""Learns how hits are reranked, and how likely each is to be relevant, from questions with known answers.

Knows rows of numbers and grades; no index, no model. What is said of learnt numbers is out of fold: each question is
judged under numbers that were learnt without it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from surefoot.core.logistic import fit
from surefoot.retrieve.rerank.relevance import Calibration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

STRENGTH: Final = 0.01
_STEPS: Final = 50
_SETTLED: Final = 1e-6
_READ: Final = 10

Judge = Callable[[int, Sequence[str]], float]
"""The score of a ranking of documents for the question at this place."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One question's hits in their former order: documents, grades, and rows whose weighted sum is the new score.

    The first column is the former score from 0 to 1. `scores` are those of the reranker where they are not that sum.
    """

    documents: tuple[str, ...]
    grades: tuple[int, ...]
    rows: Floats
    scores: Floats | None = None

    def without_relevant(self) -> Seen:
        """The same question to an index that does not answer it."""
        rest = [i for i, grade in enumerate(self.grades) if grade <= 0]
        rows = self.rows[rest]
        if rest:
            spread = float(np.ptp(rows[:, 0])) or 1.0
            rows[:, 0] = (rows[:, 0] - rows[:, 0].min()) / spread
        return Seen(
            tuple(self.documents[i] for i in rest),
            tuple(self.grades[i] for i in rest),
            rows,
            None if self.scores is None else self.scores[rest],
        )


@dataclass(frozen=True, slots=True)
class Learnt:
    """Weights from all questions, and what each question scores under the present ones and ones learnt without it."""

    weights: Floats
    present: tuple[float, ...]
    out_of_fold: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A calibration from all questions; `chances` are those of hits under ones learnt without their question."""

    calibration: Calibration
    chances: Floats
    relevant: Flags

    @property
    def error(self) -> float:
        """The expected calibration error over ten bins: how far chances are from what happened, on average."""
        return calibration_error(self.chances, self.relevant)


def learn_weights(seen: Sequence[Seen], start: Floats, strength: float = STRENGTH) -> Floats:
    """The weights under which relevant hits are likeliest to be drawn first (softmax over the hits of a question).

    `strength` holds them near `start`, in units of the mean over questions. Newton's method with step halving.
    """
    told = [one for one in seen if any(g > 0 for g in one.grades) and min(one.grades) <= 0]
    at = start.copy()
    if not told:
        return at
    for _ in range(_STEPS):
        slope, curve = strength * (at - start), strength * np.eye(len(at))
        for one in told:
            first, second = _slope(one, at)
            slope, curve = slope + first / len(told), curve + second / len(told)
        step = np.linalg.solve(curve, slope)
        now = _loss(told, at, start, strength)
        while _loss(told, at - step, start, strength) > now and np.abs(step).max() > _SETTLED:
            step = step / 2
        at = at - step
        if np.abs(step).max() < _SETTLED:
            break
    return at


def cross_validate(
    seen: Sequence[Seen], judge: Judge, start: Floats, *, folds: int = 5, seed: int = 0
) -> Learnt:
    """Weights from all questions, and the scores of each with those learnt from the other folds."""
    fold_of = folds_of(len(seen), folds, seed)
    held: list[Floats] = [
        learn_weights([one for one, its in zip(seen, fold_of, strict=True) if its != fold], start)
        for fold in range(folds)
    ]
    return Learnt(
        learn_weights(seen, start),
        tuple(judge(i, ranking(one, start)) for i, one in enumerate(seen)),
        tuple(judge(i, ranking(one, held[fold_of[i]])) for i, one in enumerate(seen)),
    )


def calibrate(
    seen: Sequence[Seen], weights: Floats, *, folds: int = 5, seed: int = 0
) -> Calibrated:
    """The logistic of `rerank` and `lead` over the best hits of each question, with its answer and without."""
    fold_of = folds_of(len(seen), folds, seed)
    parts = [_signals(one, weights) for one in seen]
    chances, relevant = [], []
    for fold in range(folds):
        inside = [part for part, its in zip(parts, fold_of, strict=True) if its == fold]
        outside = [part for part, its in zip(parts, fold_of, strict=True) if its != fold]
        model = fit(*_joined(outside))
        rows, labels = _joined(inside)
        chances.append(model.probability(rows))
        relevant.append(labels)
    whole = fit(*_joined(parts))
    named = dict(zip(("rerank", "lead"), (round(w, 3) for w in whole.weights), strict=True))
    calibration = Calibration(bias=round(whole.bias, 3), weights=named)
    return Calibrated(calibration, np.concatenate(chances), np.concatenate(relevant))


def calibration_error(chances: Floats, relevant: Flags, bins: int = 10) -> float:
    """The mean over hits of how far the mean chance of a bin is from the share that is relevant in it."""
    place = np.minimum((chances * bins).astype(int), bins - 1)
    error = 0.0
    for number in range(bins):
        own = place == number
        if own.any():
            error += float(own.mean() * abs(chances[own].mean() - relevant[own].mean()))
    return error


def ranking(one: Seen, weights: Floats) -> list[str]:
    """Documents in the new order, each by its best chunk."""
    order = np.argsort(-(one.rows @ weights), kind="stable")
    return list(dict.fromkeys(one.documents[i] for i in order))


def folds_of(count: int, folds: int, seed: int) -> list[int]:
    """The fold of each question."""
    order = list(range(count))
    random.Random(seed).shuffle(order)
    return [place % folds for place in order]


def _signals(one: Seen, weights: Floats) -> tuple[Floats, Flags]:
    """`rerank` and `lead` of the best hits, and which are relevant: with the answer in the index, and without."""
    rows, labels = [np.zeros((0, 2))], [np.zeros(0, bool)]
    for each in (one, one.without_relevant()):
        scores = each.rows @ weights if each.scores is None else each.scores
        if len(scores) < 2:
            continue
        best, second = np.sort(scores)[::-1][:2]
        order = np.argsort(-(each.rows @ weights), kind="stable")[:_READ]
        lead = np.where(scores[order] == best, best - second, scores[order] - best)
        rows.append(np.column_stack([scores[order], lead]))
        labels.append(np.array(each.grades)[order] > 0)
    return np.concatenate(rows), np.concatenate(labels)


def _joined(parts: Sequence[tuple[Floats, Flags]]) -> tuple[Floats, Flags]:
    return np.concatenate([rows for rows, _ in parts]), np.concatenate([y for _, y in parts])


def _shares(one: Seen, at: Floats) -> tuple[Floats, Floats, Floats]:
    """How likely each hit is to be drawn, in logarithms and plainly, and what share of the draws it should have."""
    raw = one.rows @ at
    logs = raw - raw.max()
    logs = logs - np.log(np.exp(logs).sum())
    grades = np.maximum(np.array(one.grades, np.float64), 0)
    return logs, np.exp(logs), grades / grades.sum()


def _slope(one: Seen, at: Floats) -> tuple[Floats, Floats]:
    _, drawn, wanted = _shares(one, at)
    expected = drawn @ one.rows
    curve = (one.rows * drawn[:, None]).T @ one.rows - np.outer(expected, expected)
    return expected - wanted @ one.rows, curve


def _loss(told: Sequence[Seen], at: Floats, start: Floats, strength: float) -> float:
    total = 0.0
    for one in told:
        logs, _, wanted = _shares(one, at)
        total -= float(wanted @ logs)
    return total / len(told) + strength / 2 * float((at - start) @ (at - start))
