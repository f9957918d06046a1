"""Eval sets, metrics, statistics and the runner that joins them."""

from surefoot.evaluate.evalsets import load_evalset, sample
from surefoot.evaluate.runner import (
    Evaluation,
    Outcome,
    asking,
    evaluate,
    evaluate_workspace,
)
from surefoot.evaluate.scoring import Row

__all__ = [
    "Evaluation",
    "Outcome",
    "Row",
    "asking",
    "evaluate",
    "evaluate_workspace",
    "load_evalset",
    "sample",
]
