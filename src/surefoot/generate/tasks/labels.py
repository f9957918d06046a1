"""Which labels there are: from settings, from a file, or from labelled examples."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from math import exp
from pathlib import Path

from surefoot.core.errors import DataError
from surefoot.core.lang import fold
from surefoot.generate.asking.examples import Example

_STEEP = (
    30.0  # cosines of one encoder lie close together: so much does a difference of .1 count (e^3)
)


def read_labels(path: Path) -> tuple[str, ...]:
    """One label a line, or a JSON list of texts; each counts once.

    Raises:
        DataError: there is none.
    """
    text = path.read_text(encoding="utf-8-sig")
    lines: Sequence[object] = text.splitlines()
    if text.lstrip().startswith("["):
        try:
            lines = json.loads(text)
        except ValueError as problem:
            raise DataError(f"is not JSON: {problem}", where=str(path)) from None
    found = tuple(dict.fromkeys(str(line).strip() for line in lines if str(line).strip()))
    if not found:
        raise DataError("names no label", where=str(path), hint="one label a line")
    return found


def voted(near: Sequence[tuple[Example, float]], labels: Sequence[str]) -> list[tuple[str, float]]:
    """The labels of the nearest examples with their share of the votes (0 to 1), best first.

    The nearer an example, the more its vote counts; those of other labels than these have none.
    """
    known = {fold(label): label for label in labels}
    votes: dict[str, float] = defaultdict(float)
    best = max((nearness for _, nearness in near), default=0.0)
    for example, nearness in near:
        label = known.get(fold(example.answer.strip()))
        if label is not None:
            votes[label] += exp(_STEEP * (nearness - best))
    total = sum(votes.values())
    return sorted(
        ((label, vote / total) for label, vote in votes.items()), key=lambda pair: -pair[1]
    )
