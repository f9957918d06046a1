"""Many comparisons at once: how p-values grow so that claims stay as rare as promised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from surefoot.evaluate.stats.clusters import Numbers, Places


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's corrected p-values, in the given order: any false claim among all stays below the level (for a claim)."""
    p = np.asarray(p_values, float)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    return _in_order(np.minimum(stepped, 1.0), order)


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Corrected p-values, in the given order, that bound the share of false ones among those kept (for screening)."""
    p = np.asarray(p_values, float)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * p.size / np.arange(1, p.size + 1)
    stepped = np.minimum.accumulate(scaled[::-1])[::-1]
    return _in_order(np.minimum(stepped, 1.0), order)


def _in_order(corrected: Numbers, order: Places) -> list[float]:
    found = np.empty_like(corrected)
    found[order] = corrected
    return [float(value) for value in found]
