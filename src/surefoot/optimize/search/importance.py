"""What mattered: how much each option changes the score, all other choices equal, on the same questions.

Every score, less its question's average, is explained by the options of its solution (least squares), so that
options which were tried in better company, or on easier questions, gain nothing by it. Intervals draw whole
clusters of questions anew. Racing asks promising solutions more: effects are of the solutions tried, as tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surefoot.core.types import Score
from surefoot.optimize.result import AxisEffect, OptionEffect
from surefoot.optimize.trial import Axis

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

_DRAWS = 1000
_STEADY = (
    1e-3  # part of the average square that is added, so that options always tried together share
)


@dataclass(frozen=True, slots=True)
class _Option:
    axis: int
    place: int
    label: str


def effects(
    axes: Sequence[Axis],
    levels: Whole,
    scores: Numbers,
    clusters: Sequence[str],
    *,
    seed: int = 0,
) -> tuple[AxisEffect, ...]:
    """By axis, the largest spread first.

    `levels` are solutions x axes, `scores` solutions x questions (nan: not asked), `clusters` those of the questions.
    Options that no solution had, and solutions that no axis describes, are left out.
    """
    placed = (levels < np.array([len(axis.options) for axis in axes])).all(axis=1)
    levels, scores = levels[placed], scores[placed]
    options = [
        _Option(number, place, label)
        for number, axis in enumerate(axes)
        for place, label in enumerate(axis.options)
        if place and (levels[:, number] == place).any() and (levels[:, number] == 0).any()
    ]
    if not options:
        return ()
    has = np.array([levels[:, one.axis] == one.place for one in options], dtype=np.float64).T
    squares, products = _sums(has, scores, clusters)
    found = _solved(squares.sum(axis=0)[None], products.sum(axis=0)[None])[0]
    counts = np.random.default_rng(seed).multinomial(
        len(squares), np.full(len(squares), 1 / len(squares)), _DRAWS
    )
    drawn = _solved(
        np.tensordot(counts.astype(np.float64), squares, 1), counts.astype(np.float64) @ products
    )
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    values = [
        OptionEffect(
            option=one.label,
            effect=Score(
                "effect",
                float(found[place]),
                float(low[place]),
                float(high[place]),
                _questions(levels, scores, one),
            ),
            solutions=int(has[:, place].sum()),
        )
        for place, one in enumerate(options)
    ]
    return _by_axis(axes, options, values)


def _sums(has: Numbers, scores: Numbers, clusters: Sequence[str]) -> tuple[Numbers, Numbers]:
    """Clusters x options x options and clusters x options: the sums that least squares needs."""
    names, which = np.unique(np.array(clusters), return_inverse=True)
    width = has.shape[1]
    squares, products = np.zeros((len(names), width, width)), np.zeros((len(names), width))
    for question, cluster in enumerate(which):
        asked = ~np.isnan(scores[:, question])
        if asked.sum() < 2:
            continue
        centred = has[asked] - has[asked].mean(axis=0)
        squares[cluster] += centred.T @ centred
        products[cluster] += centred.T @ scores[asked, question]
    return squares, products


def _solved(squares: Numbers, products: Numbers) -> Numbers:
    width = products.shape[1]
    steady = _STEADY * np.trace(squares, axis1=1, axis2=2) / width + 1e-9
    loaded = squares + steady[:, None, None] * np.eye(width)
    solved: Numbers = np.linalg.solve(loaded, products[:, :, None])[:, :, 0]
    return solved


def _questions(levels: Whole, scores: Numbers, option: _Option) -> int:
    """How many questions were asked of solutions with the option and of ones with the first of its axis."""
    there = ~np.isnan(scores)
    with_it = there[levels[:, option.axis] == option.place].any(axis=0)
    without = there[levels[:, option.axis] == 0].any(axis=0)
    return int((with_it & without).sum())


def _by_axis(
    axes: Sequence[Axis], options: Sequence[_Option], values: Sequence[OptionEffect]
) -> tuple[AxisEffect, ...]:
    grouped = {
        axis.name: [v for one, v in zip(options, values, strict=True) if one.axis == number]
        for number, axis in enumerate(axes)
    }
    sizes = {
        name: [0.0, *(v.effect.value for v in those)] for name, those in grouped.items() if those
    }
    explained = {name: float(np.var(size)) for name, size in sizes.items()}
    total = sum(explained.values()) or 1.0
    found = [
        AxisEffect(
            axis=name,
            spread=max(size) - min(size),
            share=explained[name] / total,
            options=tuple(grouped[name]),
        )
        for name, size in sizes.items()
    ]
    return tuple(sorted(found, key=lambda one: -one.spread))
