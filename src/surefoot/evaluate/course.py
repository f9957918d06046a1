"""How a run goes through its questions: in which order, with what is known already, and within which budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import fmean

from surefoot.core.budget import BudgetMeter
from surefoot.core.types import EvalCase, Expense, Usage
from surefoot.evaluate.scoring import Row

Progress = Callable[[int, int], None]
"""Called after each question with how many are done and how many there are."""


@dataclass(frozen=True, slots=True)
class Course:
    """What a run takes along. `known` are rows by case id that are taken over instead of asking again.

    Under a `budget` the questions are asked in a random order of this `seed`, so that those which were asked when it
    ran out are a fair sample of all.
    """

    progress: Progress | None = None
    budget: BudgetMeter | None = None
    known: Mapping[str, Row] = field(default_factory=dict)
    seed: int = 0

    def order(self, cases: Sequence[EvalCase]) -> list[EvalCase]:
        """The cases to be asked, in the order of asking."""
        wanted = [case for case in cases if case.id not in self.known]
        if self.budget is None:
            return wanted
        rest = wanted[1:]  # the first one also opens models and tables, which its place tells
        Random(self.seed).shuffle(rest)
        return [*wanted[:1], *rest]

    def check(self, asked: Sequence[Row]) -> None:
        """Raises CapReached where the next question would go over the budget, if it is like those before."""
        if self.budget is not None:
            self.budget.check(_next(asked))

    def count(self, row: Row) -> None:
        """Counts what a question took."""
        if self.budget is not None:
            self.budget.add(expense_of(row))


def expense_of(row: Row) -> Expense:
    """What a question took."""
    return Expense(row.latency_ms / 1000, row.cpu_ms / 1000, row.usage)


def _next(asked: Sequence[Row]) -> Expense:
    """What the next question will take: the mean time of those before without the first, and their most money."""
    if not asked:
        return Expense()
    warm = asked[1:] or asked
    most = Usage(
        calls=max(row.usage.calls for row in asked),
        cost=max(row.usage.cost for row in asked),
        unpriced=max(row.usage.unpriced for row in asked),
    )
    return Expense(fmean(row.latency_ms for row in warm) / 1000, usage=most)
