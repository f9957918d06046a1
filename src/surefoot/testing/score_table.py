"""A space whose every solution was asked everything once, so that searches over it can be replayed in no time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from surefoot.core.errors import CapReached
from surefoot.core.types import EvalCase, Usage
from surefoot.evaluate.scoring import Row
from surefoot.optimize.trial import Axis, Candidate, Request


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Scores of `candidates` (lines) on `cases` (columns); the first candidate is the present and plain one.

    `tokens` are encoder tokens a question and `milliseconds` its processor time, by digest; `failing` names the
    digests whose every question fails.
    """

    axes: tuple[Axis, ...]
    candidates: tuple[Candidate, ...]
    cases: tuple[EvalCase, ...]
    scores: Sequence[Sequence[float]]
    metric: str = "ndcg@10"
    tokens: Mapping[str, int] = field(default_factory=dict)
    milliseconds: Mapping[str, float] = field(default_factory=dict)
    failing: Collection[str] = ()

    def rows(self, line: int, columns: Mapping[str, int]) -> list[Row]:
        """The rows of a line in these columns, by case id."""
        digest = self.candidates[line].digest
        failed = digest in self.failing
        return [
            Row(
                id=name,
                question=self.cases[column].question,
                lang=self.cases[column].lang,
                answerable=True,
                metrics={self.metric: 0.0 if failed else float(self.scores[line][column])},
                cpu_ms=self.milliseconds.get(digest, 1.0),
                latency_ms=self.milliseconds.get(digest, 1.0),
                usage=Usage(encoder_tokens=self.tokens.get(digest, 0)),
                failure="it does not run" if failed else None,
                cluster=self.cases[column].cluster,
            )
            for name, column in columns.items()
        ]


class TableSpace:
    """The solutions of a table as a space."""

    def __init__(self, table: ScoreTable) -> None:
        self.axes: Sequence[Axis] = table.axes
        self.present = table.candidates[0]
        self.baseline = table.candidates[0]
        self._by_choices = {
            tuple(one.choices.get(axis.name) for axis in table.axes): one
            for one in table.candidates
        }

    def candidate(self, choices: Mapping[str, str], /) -> Candidate | None:
        """The solution with these options; None where the table has none."""
        key = tuple(choices.get(axis.name, axis.options[0]) for axis in self.axes)
        return self._by_choices.get(key)


class TableBench:
    """Answers from the table. `paid` counts evaluations that `kept` did not have; over `limit` of them it stops."""

    def __init__(
        self, table: ScoreTable, *, kept: Collection[tuple[str, str]] = (), limit: int | None = None
    ) -> None:
        self.kept = set(kept)
        self.paid = 0
        self._table = table
        self._limit = limit
        self._lines = {one.digest: line for line, one in enumerate(table.candidates)}
        self._columns = {case.id: column for column, case in enumerate(table.cases)}

    def ask(self, requests: Sequence[Request], /) -> Iterator[tuple[Candidate, Sequence[Row]]]:
        """The rows of the requests in order.

        Raises:
            CapReached: the limit is used up.
        """
        for request in requests:
            for case in request.cases:
                self._pay(request.candidate.digest, case)
            columns = {name: self._columns[name] for name in request.cases}
            yield (
                request.candidate,
                self._table.rows(self._lines[request.candidate.digest], columns),
            )

    def _pay(self, digest: str, case: str) -> None:
        if (digest, case) in self.kept:
            return
        if self._limit is not None and self.paid >= self._limit:
            raise CapReached(f"the budget of {self._limit} questions is used up")
        self.paid += 1
        self.kept.add((digest, case))


def grid(options: Mapping[str, Sequence[str]]) -> tuple[tuple[Axis, ...], tuple[Candidate, ...]]:
    """The axes, and every combination of their options as a candidate whose digest spells its options."""
    axes = tuple(Axis(name, tuple(labels)) for name, labels in options.items())
    candidates = [
        Candidate(
            digest="/".join(labels),
            choices=dict(zip((axis.name for axis in axes), labels, strict=True)),
            complexity=sum(
                label != axis.options[0] for label, axis in zip(labels, axes, strict=True)
            ),
        )
        for labels in product(*(axis.options for axis in axes))
    ]
    return axes, tuple(candidates)


def with_split(table: ScoreTable, holdout: Collection[str]) -> ScoreTable:
    """The same table, with the cases whose cluster is in `holdout` kept back."""
    return replace(
        table,
        cases=tuple(
            replace(case, split="holdout" if case.cluster in holdout else "dev")
            for case in table.cases
        ),
    )
