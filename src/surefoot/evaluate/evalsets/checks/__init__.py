"""What is wrong with an eval set, found without a model."""

from surefoot.evaluate.evalsets.checks.base import Finding
from surefoot.evaluate.evalsets.checks.overlap import overlap
from surefoot.evaluate.evalsets.checks.verdict import Checked, Means, check_evalset, check_workspace

__all__ = ["Checked", "Finding", "Means", "check_evalset", "check_workspace", "overlap"]
