"""How sure a number is, and what may be concluded from two of them. Knows numbers only, not what they measure."""

from surefoot.evaluate.stats.intervals import (
    amount_score,
    mean_score,
    paired_difference,
    quantile_score,
    ratio_score,
    wilson,
)

__all__ = [
    "amount_score",
    "mean_score",
    "paired_difference",
    "quantile_score",
    "ratio_score",
    "wilson",
]
