"""What is known so far: which solution scored what on which question. Only ever added to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from surefoot.evaluate.scoring import Row
from surefoot.optimize.result import PerQuestion
from surefoot.optimize.trial import Axis, Candidate

Numbers = NDArray[np.float64]

_FIGURES = 2


class Sheet:
    """Rows by solution and question. `order` is the questions in the order in which they are asked."""

    def __init__(self, axes: Sequence[Axis], order: Sequence[str], metric: str) -> None:
        self.axes = tuple(axes)
        self.order = tuple(order)
        self.metric = metric
        self.candidates: list[Candidate] = []
        self.asked = 0
        self._rows: dict[str, dict[str, Row]] = {}
        self._scores: dict[str, Numbers] = {}
        self._places = {name: place for place, name in enumerate(self.order)}
        self._applies: dict[str, bool] = {}

    def enter(self, candidate: Candidate) -> bool:
        """Takes in a solution; False where one of the same digest is there."""
        if candidate.digest in self._rows:
            return False
        self.candidates.append(candidate)
        self._rows[candidate.digest] = {}
        self._scores[candidate.digest] = np.full(len(self.order), np.nan)
        return True

    def add(self, candidate: Candidate, rows: Sequence[Row]) -> None:
        """Takes in what a solution that was entered scored."""
        known = self._rows[candidate.digest]
        self.asked += sum(row.id not in known for row in rows)
        scores = self._scores[candidate.digest]
        for row in rows:
            known[row.id] = row
            scores[self._places[row.id]] = row.metrics.get(self.metric, np.nan)
            self._applies[row.id] = self._applies.get(row.id, False) or self.metric in row.metrics

    def rows(self, digest: str) -> Mapping[str, Row]:
        """The rows of a solution by question; empty where it was never asked."""
        return self._rows.get(digest, {})

    def ahead(self, digest: str, count: int) -> tuple[str, ...]:
        """The next `count` questions that a solution has not been asked.

        A question to which the metric applied for no solution so far is not worth asking again.
        """
        known = self._rows[digest]
        waiting = (
            name for name in self.order if name not in known and self._applies.get(name, True)
        )
        return tuple(islice(waiting, count))

    def failed(self, digest: str) -> bool:
        """Whether none of the questions that it was asked went through, or none has the metric."""
        rows = self._rows[digest].values()
        return bool(rows) and (
            all(row.failure is not None for row in rows)
            or not any(self.metric in row.metrics for row in rows)
        )

    def scores(self, digests: Sequence[str]) -> Numbers:
        """Solutions x questions in order; nan where not asked or where the metric does not apply."""
        return np.stack([self._scores[digest] for digest in digests])

    def levels(self, candidates: Sequence[Candidate]) -> NDArray[np.int64]:
        """Solutions x axes: the place of each option; one past the last where the axis does not say."""
        places = [{label: place for place, label in enumerate(axis.options)} for axis in self.axes]
        rows = [
            [
                place.get(candidate.choices.get(axis.name, ""), len(place))
                for axis, place in zip(self.axes, places, strict=True)
            ]
            for candidate in candidates
        ]
        return np.array(rows, dtype=np.int64).reshape(len(candidates), len(self.axes))

    def expense(self, digest: str, among: Sequence[str] = ()) -> PerQuestion:
        """What a question cost on average, over those of `among` that it was asked (all where empty)."""
        known = self._rows.get(digest, {})
        rows = [known[name] for name in (among or known) if name in known]
        if not rows:
            return PerQuestion()
        waits = [row.latency_ms for row in rows]
        return PerQuestion(
            usd=fmean(row.usage.cost for row in rows),
            chat_tokens=fmean(
                row.usage.prompt_tokens + row.usage.completion_tokens for row in rows
            ),
            encoder_tokens=fmean(row.usage.encoder_tokens for row in rows),
            cpu_ms=fmean(row.cpu_ms for row in rows),
            latency_p50_ms=float(np.quantile(waits, 0.5)),
            latency_p95_ms=float(np.quantile(waits, 0.95)),
        )

    def same(self, first: str, second: str) -> int:
        """On how many questions both gave the same, to the documents and words; 0 where they ever differed."""
        if np.nanmax(np.abs(self._scores[first] - self._scores[second]), initial=0.0) > 0:
            return 0
        one, other = self._rows[first], self._rows[second]
        common = [name for name in one if name in other]
        alike = all(_given(one[name]) == _given(other[name]) for name in common)
        return len(common) if alike else 0

    def price(self, digest: str, among: Sequence[str], present: str) -> tuple[float, ...]:
        """What a solution costs over these questions; smaller is cheaper.

        Dollars, chat tokens and encoder tokens a question to two figures, then complexity, then whether it is
        not the present one. Measured time does not count: the same search would end otherwise on another day.
        """
        spent = self.expense(digest, among)
        plain = next(one.complexity for one in self.candidates if one.digest == digest)
        exact = [_rounded(x) for x in (spent.usd, spent.chat_tokens, spent.encoder_tokens)]
        return (*exact, float(plain), float(digest != present))

    def common(self, digests: Sequence[str]) -> tuple[str, ...]:
        """The questions that all of these were asked, in order."""
        known = [self._rows[digest] for digest in digests]
        return tuple(name for name in self.order if all(name in rows for rows in known))


def _given(row: Row) -> tuple[object, ...]:
    return (row.documents, row.answer, row.refused, sorted(row.metrics.items()), row.failure)


def _rounded(value: float) -> float:
    return float(f"{value:.{_FIGURES}g}")
