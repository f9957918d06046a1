"""What a search goes by: the metric, what counts beside it, how far it may go. Plain values, no clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from surefoot.core.errors import ConfigError
from surefoot.optimize.result import Objective

Left = Callable[[], float]
"""The share of the budget that is left, 1 to 0; always 1 where there is none."""

_MOST = 400


@dataclass(frozen=True, slots=True)
class Rules:
    """How a search goes about it; the same rules, seed and outcomes give the same search.

    `questions` limits how many times a solution is asked a question of the dev split; without it, the share `effort`
    of all such evaluations is enough (None: until the search is sure, for searches limited by time or money).
    `solutions` limits how many are taken in; without it, as many as `questions` is a tenth of, 400 at most.
    `tie`: a solution expected to lie less than this below the best one ties with it. `margin`: a difference
    within it is none, for the verdict.

    Raises:
        ConfigError: quality is not among the objectives.
    """

    metric: str = "ndcg@10"
    objectives: tuple[Objective, ...] = ("quality",)
    questions: int | None = None
    solutions: int | None = None
    effort: float | None = 0.1
    margin: float = 0.02
    tie: float = 0.0025
    seed: int = 0

    def __post_init__(self) -> None:
        if "quality" not in self.objectives:
            raise ConfigError("a search needs the objective quality", where="--objective")

    def most(self, questions: int, block: int) -> int:
        """How many solutions a search over so many dev questions may take in; each is asked a block at least."""
        if self.solutions is not None:
            return self.solutions
        if self.questions is None:
            return _MOST
        tenth, half = 10 * self.questions // questions, self.questions // (2 * block)
        return max(2, min(tenth, half, _MOST))

    def allowed(self, solutions: int, questions: int, block: int) -> int:
        """How many evaluations a search over so many solutions and dev questions may take."""
        everything = solutions * questions
        if self.questions is not None:
            return min(self.questions, everything)
        if self.effort is None:
            return everything
        # Where there are few questions, a tenth would be less than a first look at every solution.
        enough = solutions * block + block * questions
        return min(everything, max(ceil(self.effort * everything), enough))
