"""Questions that hang together: what is known of a mean when whole documents, not questions, were drawn.

The variance is that of cluster totals, each lifted for its share of the questions (CR2 with equal weights, Bell and
McCaffrey 2002), for big clusters pull the mean towards themselves. The degrees of freedom are the clusters as far as
they are of one size: 100 questions of which one document holds half are fewer than 2 documents' worth of evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

LIKENESS = 0.1
"""How alike two questions of a cluster are taken to be (intraclass correlation) where no data can say."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Which cluster each question is of.

    `of` has the number of each question's cluster, from 0; `sizes` how many questions each cluster has.
    """

    of: Places
    sizes: Numbers

    @property
    def single(self) -> bool:
        """Whether every question stands for itself."""
        return self.sizes.size == self.of.size

    @property
    def effective(self) -> float:
        """How many clusters of one size tell as much: (sum of sizes)^2 / sum of squared sizes."""
        squares = float((self.sizes**2).sum())
        return float(self.sizes.sum()) ** 2 / squares if squares else 0.0

    @property
    def assumed_effect(self) -> float:
        """The design effect where no data can say: 1 + (weighted mean size - 1) * LIKENESS."""
        n = self.of.size
        return 1 + (n / self.effective - 1) * LIKENESS if n else 1.0

    def totals(self, values: Numbers) -> Numbers:
        """The sum of the values of each cluster."""
        if self.single:
            return values
        return np.bincount(self.of, values, self.sizes.size).astype(float)


def grouped(names: Sequence[str], n: int) -> Clusters:
    """The clusters of `n` questions by name; a question without a name, or all without names, stands for itself.

    Raises:
        ValueError: there are names, but not one for each question.
    """
    if not names or not any(names):
        return Clusters(np.arange(n), np.ones(n))
    if len(names) != n:
        raise ValueError(f"{len(names)} clusters for {n} questions")
    seen: dict[object, int] = {}
    of = np.fromiter(
        (seen.setdefault(name or place, len(seen)) for place, name in enumerate(names)), np.int64, n
    )
    return Clusters(of, np.bincount(of).astype(float))


@dataclass(frozen=True, slots=True)
class Spread:
    """The variance of a mean. `alone` is what it would be if questions did not hang together."""

    variance: float
    alone: float
    freedom: float

    @property
    def effect(self) -> float:
        """The design effect: how many times more questions are needed because they hang together; at least 1."""
        return max(1.0, self.variance / self.alone) if self.alone > 0 else 1.0


def spread_of(rests: Numbers, clusters: Clusters, weight: float) -> Spread:
    """The variance of `sum(values) / weight` from what each value is off its expectation; `weight` is n for a mean."""
    n = rests.size
    if n < 2:
        return Spread(0.0, 0.0, 1.0)
    alone = float(rests @ rests) / weight**2 * n / (n - 1)
    if clusters.single:
        return Spread(alone, alone, n - 1.0)
    totals = clusters.totals(rests)
    own = clusters.sizes / n
    lifted = totals**2 / np.maximum(1 - own, 1e-9)
    return Spread(float(lifted.sum()) / weight**2, alone, max(1.0, clusters.effective - 1))
