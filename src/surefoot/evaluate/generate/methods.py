"""The methods that make questions without a model, and how much each is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from surefoot.evaluate.generate.asked import asked
from surefoot.evaluate.generate.cloze import cloze
from surefoot.evaluate.generate.definitions import definitions
from surefoot.evaluate.generate.headings import headings
from surefoot.evaluate.generate.keyphrases import keyphrases
from surefoot.evaluate.generate.offers import Method, MethodName
from surefoot.evaluate.generate.statements import statements
from surefoot.evaluate.generate.tables import tables

METHODS: Final[Mapping[MethodName, Method]] = {
    "heading": headings,
    "definition": definitions,
    "statement": statements,
    "asked": asked,
    "table": tables,
    "keyphrase": keyphrases,
    "cloze": cloze,
}
SHARES: Final[Mapping[MethodName, float]] = {
    "heading": 4,
    "definition": 3,
    "statement": 4,
    "asked": 2,
    "table": 2,
    "keyphrase": 1,
}
"""What each method is wanted beside the others; where one has too few, the others give more."""
FILLING: Final[tuple[MethodName, ...]] = ("keyphrase", "cloze")
"""Methods that are asked for more only when the others have no more to offer."""
