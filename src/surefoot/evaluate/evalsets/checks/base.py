"""What every check of an eval set is given, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from surefoot.core.types import EvalCase, EvalSet, Hit, Score
from surefoot.evaluate.evalsets.library import Library

Weight = Literal["wrong", "doubtful", "note"]
"""`wrong` spoils scores, `doubtful` should be looked at, `note` limits what can be concluded."""

Find = Callable[[EvalCase], Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class Ground:
    """The set with what it can be held against; `find` is the workspace's own search, for the `searched` cases."""

    evalset: EvalSet
    library: Library | None = None
    find: Find | None = None
    searched: tuple[EvalCase, ...] = ()
    hoped: float = 0.05


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check found: which cases it concerns, and what to do.

    `details` say more of single cases, such as the other passage that answers too.
    """

    check: str
    weight: Weight
    message: str
    remedy: str
    cases: tuple[str, ...] = ()
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """All that a check has to say: findings, scores that it measured, and what it could not look at."""

    findings: tuple[Finding, ...] = ()
    scores: tuple[Score, ...] = ()
    left_out: tuple[str, ...] = ()


Check = Callable[[Ground], Said]


@dataclass(slots=True)
class Gathered:
    """Cases and details of one finding, gathered case by case."""

    cases: dict[str, None] = field(default_factory=dict)
    details: list[str] = field(default_factory=list)

    def add(self, *case_ids: str, detail: str = "") -> None:
        """One more instance, with the cases that it concerns."""
        self.cases |= dict.fromkeys(case_ids)
        if detail:
            self.details.append(detail)

    def finding(self, check: str, weight: Weight, message: str, remedy: str) -> Iterator[Finding]:
        """The finding, if there was an instance; `{n}` in the message is the number of cases."""
        if self.cases:
            said = message.format(n=len(self.cases))
            yield Finding(check, weight, said, remedy, tuple(self.cases), tuple(self.details))
