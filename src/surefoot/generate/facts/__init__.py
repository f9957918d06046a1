"""What a sentence claims that code can compare with its source: numbers, dates, names, negations."""

from surefoot.generate.facts.dates import Date, dates, unsupported_dates
from surefoot.generate.facts.names import missing_names
from surefoot.generate.facts.negation import negation_mismatch
from surefoot.generate.facts.numbers import Number, numbers, unsupported_numbers
from surefoot.generate.facts.text import prepare

__all__ = [
    "Date",
    "Number",
    "dates",
    "missing_names",
    "negation_mismatch",
    "numbers",
    "prepare",
    "unsupported_dates",
    "unsupported_numbers",
]
