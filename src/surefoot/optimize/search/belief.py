"""What the scores so far say about every solution, also about those that were hardly asked.

A Gaussian model. Two solutions are alike as far as they share options: an option moves single questions
(learnt from pairs of solutions on the same questions) and the mean (learnt by a few rounds of expectation
maximisation); a rest belongs to each solution alone. How hard a question is counts for all solutions alike, so a
solution that drew easy questions gains nothing by it. Knows numbers only; claims are left to the tests of
`evaluate.stats`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

_PAIRS = 8.0  # as how many questions the average pair counts for a pair that was hardly asked
_HOLD = 2.0  # as how many options the first guess of an axis's variance counts
_ROUNDS = 6
_REST, _OPTION = (
    0.05,
    0.002,
)  # least share of the variance of a pair that is a solution's own, an axis's
_RATIO = (0.0005, 0.5)  # bounds of how much of what moves single questions moves the mean
_SWEEPS = 200


@dataclass(frozen=True, slots=True)
class Belief:
    """Means of the solutions over all questions, and how sure they are: a joint normal distribution."""

    mean: Numbers
    covariance: Numbers

    def draws(self, count: int, seed: int) -> Numbers:
        """Solutions x `count` possible truths."""
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        chance = np.random.default_rng(seed).standard_normal((self.mean.size, count))
        drawn: Numbers = self.mean[:, None] + root @ chance
        return drawn


def believe(levels: Whole, scores: Numbers) -> Belief:
    """From the options (solutions x axes) and the scores (solutions x questions, nan where not asked)."""
    shared = _shared(levels)
    single, ratio = _movement(shared, scores)
    common = max(float(np.nanvar(scores)) - float(single.sum()), 0.1 * float(np.nanvar(scores)))
    between = _kernel(shared, single, common + 1e-6)
    information, weighted = _information(between, scores)
    return _settled(
        levels, shared, ratio * single, (information, weighted, float(np.nanmean(scores)))
    )


def _shared(levels: Whole) -> Numbers:
    """Axes x solutions x solutions: 1 where both have the same option."""
    return np.array(
        [axis[:, None] == axis[None, :] for axis in levels.T], dtype=np.float64
    ).reshape(levels.shape[1], levels.shape[0], levels.shape[0])


def _kernel(shared: Numbers, parts: Numbers, common: float) -> Numbers:
    """Covariance of solutions: what all have, what each axis brings, and (last) each one's own."""
    found: Numbers = (
        common + np.tensordot(parts[:-1], shared, 1) + parts[-1] * np.eye(shared.shape[1])
    )
    return found


def _movement(shared: Numbers, scores: Numbers) -> tuple[Numbers, float]:
    """Variance by axis (and last, of a solution alone) on single questions; the share that moves means."""
    asked = ~np.isnan(scores)
    filled, mask = np.where(asked, scores, 0.0), asked.astype(np.float64)
    first, second = np.triu_indices(scores.shape[0], 1)
    counted = (mask @ mask.T)[first, second]
    sums, squares = filled @ mask.T, (filled**2) @ mask.T
    gaps = (sums - sums.T)[first, second] / np.maximum(counted, 1)
    spread = (squares + squares.T - 2 * filled @ filled.T)[first, second] / np.maximum(counted, 1)
    spread = np.maximum(spread - gaps**2, 0) * counted / np.maximum(counted - 1, 1)
    kept = counted >= 2
    if not kept.any():
        return np.full(shared.shape[0] + 1, 0.01), _RATIO[0]
    counted, gaps, spread = counted[kept], gaps[kept], spread[kept]
    average = float(np.average(spread, weights=counted)) + 1e-6
    steadied = (counted * spread + _PAIRS * average) / (counted + _PAIRS)
    unlike = 2 * np.vstack([(1 - shared)[:, first, second][:, kept], np.ones(kept.sum())[None]])
    parts = _not_negative((unlike * counted) @ unlike.T, (unlike * counted) @ steadied)
    parts[-1] = max(parts[-1], _REST * average)
    parts[:-1] = np.maximum(parts[:-1], _OPTION * average)
    ratio = float(np.average(gaps**2 - spread / counted, weights=counted)) / average
    return parts, float(np.clip(ratio, *_RATIO))


def _not_negative(square: Numbers, target: Numbers) -> Numbers:
    """Least squares with no negative part, by coordinate descent on the normal equations."""
    found = np.zeros(target.size)
    for _ in range(_SWEEPS):
        before = found.copy()
        for place in np.flatnonzero(np.diag(square) > 0):
            step = (target[place] - square[place] @ found) / square[place, place]
            found[place] = max(0.0, found[place] + step)
        if np.abs(found - before).max() < 1e-9:
            break
    return found


def _information(between: Numbers, scores: Numbers) -> tuple[Numbers, Numbers]:
    """Precision that the questions add, and the scores weighted by it; questions asked of the same ones at once."""
    solutions = scores.shape[0]
    precision, weighted = np.zeros((solutions, solutions)), np.zeros(solutions)
    patterns, which = np.unique(~np.isnan(scores), axis=1, return_inverse=True)
    for number in range(patterns.shape[1]):
        there = np.flatnonzero(patterns[:, number])
        if not there.size:
            continue
        questions = np.flatnonzero(which.ravel() == number)
        inverse = np.linalg.inv(between[np.ix_(there, there)])
        precision[np.ix_(there, there)] += questions.size * inverse
        weighted[there] += inverse @ scores[np.ix_(there, questions)].sum(axis=1)
    return precision, weighted


def _settled(
    levels: Whole, shared: Numbers, start: Numbers, seen: tuple[Numbers, Numbers, float]
) -> Belief:
    information, weighted, centre = seen
    solutions, axes = levels.shape
    parts = start.copy()
    options = [np.eye(int(axis.max()) + 1)[axis] for axis in levels.T]
    centred = weighted - information @ np.full(solutions, centre)
    for last in range(_ROUNDS):
        prior = _kernel(shared, parts, 1.0)
        solved = np.linalg.solve(np.eye(solutions) + prior @ information, prior)
        covariance = np.asarray((solved + solved.T) / 2, dtype=np.float64)
        shift: Numbers = covariance @ centred
        if last == _ROUNDS - 1:
            break
        inverse = np.linalg.inv(prior)
        pull, known = inverse @ shift, inverse - inverse @ covariance @ inverse
        for axis in range(axes):
            has, part = options[axis], parts[axis]
            moved = ((part * has.T @ pull) ** 2).sum()
            unsure = part * has.shape[1] - part**2 * np.trace(has.T @ known @ has)
            parts[axis] = (_HOLD * start[axis] + moved + unsure) / (_HOLD + has.shape[1])
        own = ((parts[-1] * pull) ** 2).sum() + parts[-1] * solutions
        own -= parts[-1] ** 2 * np.trace(known)
        parts[-1] = (_HOLD * start[-1] + own) / (_HOLD + solutions)
    return Belief(centre + shift, covariance)
