"""What a search found, as plain values: for reports, the command line and programs. Computes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from surefoot.core.types import Score, Split
from surefoot.optimize.trial import Candidate

Objective = Literal["quality", "cost", "latency"]
Standing = Literal["chosen", "tied", "behind", "worse", "same", "failed"]
"""How a solution came out of the search.

`tied`: as good as the chosen one for all that was seen, but not cheaper. `behind`: probably not as good,
so it was asked no more; nothing is proven. `worse`: a corrected paired test says so. `same`: its results
were those of another. `failed`: no question went through.
"""


@dataclass(frozen=True, slots=True)
class PerQuestion:
    """What a question costs on average. Tokens and dollars repeat exactly; milliseconds are measured.

    `chat_tokens` are prompt and completion together; latencies are quantiles over the questions.
    """

    usd: float = 0.0
    chat_tokens: float = 0.0
    encoder_tokens: float = 0.0
    cpu_ms: float = 0.0
    latency_p50_ms: float = 0.0
    latency_p95_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Tried:
    """A solution that was tried on the questions it is chosen by.

    `score` is what it scored on the `asked` questions. Solutions were asked different numbers of them,
    so compare `expected`: the estimate over all questions of the split, drawn towards solutions like it,
    with 95 % of what the model deems possible. `best` is how probably it is the best of those tried.
    """

    candidate: Candidate
    standing: Standing
    reason: str
    score: Score
    expected: Score
    best: float
    expense: PerQuestion
    asked: int
    failures: int = 0
    same_as: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A solution against another on the same questions; `difference` is `digest` minus `against`.

    `kind` is the verdict: better, worse, equivalent or not proven; `p` is corrected for all comparisons
    of its family; `needed` is how many more questions might prove a difference of this size. `few` says that there
    are too few questions for the rule to hold. Questions won and lost are ids, the largest change first.
    """

    digest: str
    against: str
    split: Split
    kind: str
    difference: Score
    p: float
    needed: int | None = None
    few: bool = False
    wins: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    ties: int = 0


@dataclass(frozen=True, slots=True)
class Unseen:
    """The verdict on questions that nothing was chosen by. `spent` says that they had been used before."""

    scores: Mapping[str, Score]
    compared: tuple[Compared, ...]
    n: int
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Curse:
    """How much the choice flattered the chosen: what it scored where it was chosen, and corrected for that."""

    shown: Score
    corrected: Score
    unseen: Score | None = None


@dataclass(frozen=True, slots=True)
class OptionEffect:
    """What an option changes against the first of its axis, all else equal, on the same questions."""

    option: str
    effect: Score
    solutions: int


@dataclass(frozen=True, slots=True)
class AxisEffect:
    """How much a choice mattered: `spread` is its best option's effect minus its worst one's.

    `share` is its part of what all choices together explain (0 to 1).
    """

    axis: str
    spread: float
    share: float
    options: tuple[OptionEffect, ...]


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """A solution that none beats in quality, cost and latency at once. `cost` is per question, in `cost_unit`."""

    digest: str
    quality: Score
    cost: float
    latency_ms: float
    cost_unit: Literal["USD", "cpu ms"]


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search knows at its end, or where a limit stopped it (`stopped` says which, in words).

    `chosen` was selected on the dev split; `winner` is what to use after the verdict on the holdout: the
    chosen one if proven better than the present one, else the cheaper of the two. `asked` counts
    solution-question evaluations on the dev split, `possible` what asking everything would have been.
    `effects` are of the choices, largest first; `dev` compares the chosen with the present solution, corrected for
    all that were tried. `detectable` is the smallest difference that this holdout would prove in four of five runs.
    """

    metric: str
    objectives: tuple[Objective, ...]
    seed: int
    chosen: str
    winner: str
    present: str
    baseline: str
    tried: tuple[Tried, ...]
    n_dev: int
    n_holdout: int
    asked: int
    possible: int
    rounds: int
    stopped: str = ""
    detectable: float | None = None
    dev: Compared | None = None
    unseen: Unseen | None = None
    curse: Curse | None = None
    frontier: tuple[FrontierPoint, ...] = ()
    effects: tuple[AxisEffect, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def trial(self, digest: str) -> Tried:
        """The solution of this digest; KeyError where it was not tried."""
        for tried in self.tried:
            if tried.candidate.digest == digest:
                return tried
        raise KeyError(digest)

    def to_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`."""
        return asdict(self)
