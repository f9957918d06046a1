"""Whether rows may be trained on: empty, cut, repeated, contradictory, or leaking from the questions of an eval set."""

from surefoot.tune.checks.leaks import Leak, asked_of, find_leaks, refuse_leaks
from surefoot.tune.checks.rows import RowReport, check_rows, said_tokens, tokens_of

__all__ = [
    "Leak",
    "RowReport",
    "asked_of",
    "check_rows",
    "find_leaks",
    "refuse_leaks",
    "said_tokens",
    "tokens_of",
]
