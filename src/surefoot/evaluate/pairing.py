"""Two kept runs question by question: which of them the other won and lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from surefoot.evaluate.rows import shared_rows
from surefoot.evaluate.runs import KeptRun

_SAME = 1e-9
Outcome = Literal["won", "lost", "even"]


@dataclass(frozen=True, slots=True)
class PairedQuestion:
    """A question that both runs asked, with the metric and the answer of each; `outcome` is the other's."""

    id: str
    question: str
    outcome: Outcome
    base: float
    other: float
    base_answer: str | None
    other_answer: str | None
    base_trace: str
    other_trace: str


def paired_questions(base: KeptRun, other: KeptRun, metric: str) -> list[PairedQuestion]:
    """The questions to which the metric applies in both runs, the greatest losses first, then the greatest wins."""
    found = [
        PairedQuestion(
            first.id,
            first.question,
            _outcome(second.metrics[metric] - first.metrics[metric]),
            first.metrics[metric],
            second.metrics[metric],
            first.answer,
            second.answer,
            first.trace_id,
            second.trace_id,
        )
        for first, second in shared_rows(base.rows, other.rows)
        if metric in first.metrics and metric in second.metrics
    ]
    order: tuple[Outcome, ...] = ("lost", "won", "even")
    return sorted(found, key=lambda one: (order.index(one.outcome), -abs(one.other - one.base)))


def _outcome(gap: float) -> Outcome:
    if abs(gap) < _SAME:
        return "even"
    return "won" if gap > 0 else "lost"
