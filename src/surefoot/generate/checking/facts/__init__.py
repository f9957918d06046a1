"""What a sentence claims that code can compare with its source: numbers, dates, names, negations."""

from surefoot.generate.checking.facts.amounts import Amounts, read_amounts, wrong_amounts
from surefoot.generate.checking.facts.names import initials, missing_names
from surefoot.generate.checking.facts.negation import negation_mismatch
from surefoot.generate.checking.facts.text import prepare

__all__ = [
    "Amounts",
    "initials",
    "missing_names",
    "negation_mismatch",
    "prepare",
    "read_amounts",
    "wrong_amounts",
]
