"""What a search tells while it runs: how far it is, what is best so far, what is left. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from surefoot.core.budget import Budget
from surefoot.core.types import Score
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.stats import mean_score
from surefoot.optimize.forecast import Forecast
from surefoot.optimize.running.keeping import Allowance
from surefoot.optimize.trial import Candidate

_SELDOM = 64
"""Rows between two looks at what is best: an interval costs as much as asking some questions."""


@dataclass(frozen=True, slots=True)
class Moment:
    """How far a search is. `asks` counts questions put to solutions, those kept from before included.

    `building` says which index is being built, and how far. `best` is the highest mean among the solutions asked
    most: it flatters, as the best of many does.
    """

    asks: int = 0
    most: int = 0
    solutions: int = 0
    best: Candidate | None = None
    score: Score | None = None
    left: Budget = field(default_factory=Budget)
    elapsed_s: float = 0.0
    building: str = ""
    built: int = 0
    to_build: int = 0
    forecast: Forecast | None = None


Show = Callable[[Moment], None]


def unwatched(_: Moment) -> None:
    """For those who do not look."""


class Watcher:
    """Adds up what the bench tells, and shows it."""

    def __init__(self, metric: str, show: Show) -> None:
        self._metric = metric
        self._show = show
        self._scores: dict[str, dict[str, float]] = {}
        self._known: dict[str, Candidate] = {}
        self._forecast: Forecast | None = None
        self._allowance: Allowance | None = None
        self._best: tuple[Candidate, Score] | None = None
        self._looked = 0

    def begin(self, expected: Forecast, allowance: Allowance) -> None:
        """The forecast is there, and with it what there is to do."""
        self._forecast, self._allowance = expected, allowance
        self._show(self._moment())

    def building(self, title: str, done: int, total: int) -> None:
        """An index is being built."""
        self._show(replace(self._moment(), building=title, built=done, to_build=total))

    def asking(self, candidate: Candidate, rows: Sequence[Row]) -> None:
        """A solution was asked questions."""
        self._known[candidate.digest] = candidate
        scores = self._scores.setdefault(candidate.digest, {})
        scores |= {row.id: row.metrics[self._metric] for row in rows if self._metric in row.metrics}
        if self._asks - self._looked >= _SELDOM:
            self._looked = self._asks
            self._best = self._look()
        self._show(self._moment())

    @property
    def _asks(self) -> int:
        return sum(map(len, self._scores.values()))

    def _look(self) -> tuple[Candidate, Score] | None:
        most = max(map(len, self._scores.values()), default=0)
        means = {
            digest: sum(scores.values()) / len(scores)
            for digest, scores in self._scores.items()
            if scores and len(scores) >= most / 2
        }
        if not means:
            return None
        best = max(means, key=lambda digest: (means[digest], len(self._scores[digest])))
        score = mean_score(self._metric, list(self._scores[best].values()))
        return self._known[best], score

    def _moment(self) -> Moment:
        expected, allowance = self._forecast, self._allowance
        best, score = self._best or (None, None)
        return Moment(
            asks=self._asks,
            most=expected.asks if expected else 0,
            solutions=len(self._scores),
            best=best,
            score=score,
            left=allowance.left if allowance else Budget(),
            elapsed_s=allowance.elapsed_s if allowance else 0.0,
            forecast=expected,
        )
