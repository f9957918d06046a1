"""What is not trained on, and why: every row that was left out is one of these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that was left out. `where` is `file:line` or a row's id; rows with an equal `reason` count together."""

    where: str
    reason: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}" + (f" ({self.detail})" if self.detail else "")


def counted(left_out: Iterable[LeftOut]) -> dict[str, int]:
    """How many were left out for each reason, the commonest first."""
    counts = Counter(one.reason for one in left_out)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
