"""Eval sets of other programs and tables of questions, brought in."""

from surefoot.evaluate.evalsets.importing.cases import (
    Imported,
    LeftOut,
    Wanted,
    import_evalset,
    reasons,
)

__all__ = ["Imported", "LeftOut", "Wanted", "import_evalset", "reasons"]
