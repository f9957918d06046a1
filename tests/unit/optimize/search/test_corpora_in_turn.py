"""Solutions over other corpora need an index, which takes far longer than asking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from surefoot.core.errors import CapReached
from surefoot.core.types import EvalCase
from surefoot.evaluate.scoring import Row
from surefoot.optimize.result import Searched
from surefoot.optimize.search.rules import Rules
from surefoot.optimize.search.search import search
from surefoot.optimize.trial import Candidate, Request
from surefoot.testing.score_table import ScoreTable, TableBench, TableSpace, grid


class BuildingBench(TableBench):
    """Spends 1 a question and `price` for each corpus that is new; `opened` are the corpora in order."""

    def __init__(self, table: ScoreTable, price: float, budget: float) -> None:
        super().__init__(table)
        self.opened: list[str] = []
        self.asked_before: list[int] = []
        self._price = price
        self._budget = budget
        self.too_dear = False

    def ask(self, requests: Sequence[Request], /) -> Iterator[tuple[Candidate, Sequence[Row]]]:
        for request in requests:
            if (corpus := request.candidate.corpus) not in self.opened:
                if self.opened and self.too_dear:
                    raise CapReached("the budget is too small to build another index")
                self.opened.append(corpus)
                self.asked_before.append(self.paid)
            yield from super().ask([request])

    def left(self) -> float:
        built = self._price * max(0, len(self.opened) - 1)
        return max(0.0, 1 - (self.paid + built) / self._budget)


def made() -> ScoreTable:
    """Chunks of 512 tokens are better; each size is a corpus of its own."""
    axes, candidates = grid({"chunk": ["256", "512", "128"], "融合": ["rank", "score", "both"]})
    candidates = tuple(replace(one, corpus=one.choices["chunk"]) for one in candidates)
    chance = np.random.default_rng(0)
    hard = chance.normal(0, 0.3, 200)
    scores = [
        (0.3 + 0.4 * (one.choices["chunk"] == "512") + hard > chance.uniform(0, 1, 200)).astype(
            float
        )
        for one in candidates
    ]
    cases = tuple(
        EvalCase(f"q{n}", "?", "en", cluster=f"c{n % 50}", split="holdout" if n % 2 else "dev")
        for n in range(200)
    )
    return ScoreTable(axes, candidates, cases, np.array(scores).tolist())


def run(price: float, budget: float) -> tuple[Searched, BuildingBench]:
    table = made()
    bench = BuildingBench(table, price, budget)
    rules = Rules(effort=None)
    return search(TableSpace(table), bench, table.cases, rules, left=bench.left), bench


def test_the_present_index_is_searched_before_another_is_built() -> None:
    found, bench = run(price=100, budget=2000)
    assert len(bench.opened) == 3
    assert bench.asked_before[1] > 3 * 8
    assert found.trial(found.winner).candidate.choices["chunk"] == "512"


def test_where_half_of_the_budget_is_gone_no_further_index_is_built() -> None:
    found, bench = run(price=1500, budget=3000)
    assert len(bench.opened) == 2
    assert found.unseen is not None


def test_without_a_budget_every_corpus_is_tried_from_the_start() -> None:
    table = made()
    bench = BuildingBench(table, 0, 1)
    search(TableSpace(table), bench, table.cases, Rules())
    assert bench.asked_before == [0, 24, 48]


def test_where_the_budget_does_not_reach_for_an_index_the_search_goes_on_without() -> None:
    table = made()
    bench = BuildingBench(table, 0, 2000)
    bench.too_dear = True
    found = search(TableSpace(table), bench, table.cases, Rules(effort=None), left=bench.left)
    assert len(bench.opened) == 1
    assert {one.candidate.choices["chunk"] for one in found.tried} == {"256"}
    assert found.unseen is not None
    assert found.stopped == ""


def test_a_few_questions_on_which_all_do_the_same_are_no_reason_to_be_sure() -> None:
    table = made()
    same = [[1.0] * len(line) for line in table.scores]
    table = replace(table, scores=same)
    bench = BuildingBench(table, 100, 2000)
    search(TableSpace(table), bench, table.cases, Rules(effort=None), left=bench.left)
    assert bench.asked_before[1] > 3 * 8
