"""How far two sets of yes and no agree beyond chance: Cohen's kappa with a bootstrap interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from surefoot.core.types import Score

Numbers = NDArray[np.float64]

_RESAMPLES = 2000
_LEVEL = 0.95


def kappa(first: Sequence[float], second: Sequence[float]) -> float:
    """Cohen's kappa of values 0 and 1: 1 for equal, 0 for as often equal as chance, also where both never vary."""
    return float(_kappas(np.ones((1, len(first))), np.asarray(first), np.asarray(second))[0])


def kappa_score(
    first: Sequence[float], second: Sequence[float], *, clusters: Sequence[str] = (), seed: int = 0
) -> Score:
    """Kappa with its percentile bootstrap interval; clusters of questions are drawn whole."""
    names = [name or f"\0{place}" for place, name in enumerate(clusters or [""] * len(first))]
    kinds, of = np.unique(names, return_inverse=True)
    draw = np.random.default_rng(seed)
    drawn = draw.multinomial(kinds.size, np.full(kinds.size, 1 / kinds.size), _RESAMPLES)
    values = _kappas(drawn[:, of].astype(float), np.asarray(first), np.asarray(second))
    low, high = np.quantile(values, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Score("kappa", kappa(first, second), float(low), float(high), len(first))


def _kappas(weights: Numbers, first: Numbers, second: Numbers) -> Numbers:
    total = weights.sum(axis=1)
    equal = weights @ (first == second).astype(float) / total
    yes, other = weights @ first / total, weights @ second / total
    chance = yes * other + (1 - yes) * (1 - other)
    kept: Numbers = np.divide(
        equal - chance, 1 - chance, out=np.zeros_like(equal), where=chance < 1
    )
    return kept
