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
from surefoot.evaluate.slices import slices
from surefoot.evaluate.standard import headline

__all__ = [
    "Evaluation",
    "Outcome",
    "Row",
    "asking",
    "evaluate",
    "evaluate_workspace",
    "headline",
    "load_evalset",
    "sample",
    "slices",
]
