"""Eval sets of other programs and tables of questions, brought in."""

from surefoot.evaluate.evalsets.importing.cases import (
    Imported,
    LeftOut,
    Wanted,
    import_evalset,
    reasons,
)
from surefoot.evaluate.evalsets.importing.columns import columns_said
from surefoot.evaluate.evalsets.importing.given import import_given

__all__ = [
    "Imported",
    "LeftOut",
    "Wanted",
    "columns_said",
    "import_evalset",
    "import_given",
    "reasons",
]
