"""What was asked is kept under what it depends on, and what the budget allows is counted. Asks nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import monotonic, perf_counter

from surefoot.config.registry import Registry
from surefoot.core.budget import Budget, BudgetMeter
from surefoot.core.errors import CapReached, SurefootError
from surefoot.core.types import EvalCase, EvalSet, Expense
from surefoot.evaluate.rows import row_from_plain, row_to_plain
from surefoot.evaluate.runner import Outcome, ask_one
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.standard import Judged, Standard
from surefoot.optimize.running.asking import as_run
from surefoot.optimize.spaces.ground import Checked, Ground
from surefoot.optimize.trial import Request
from surefoot.store.trials import RunKey, Trials

_TRACED = 20
"""Questions that the winner is asked once more, for their traces."""

_AT_MOST = 0.5
_FOR_ASKING = 0.35
"""Share of the budget at which an index that is not built yet is given up."""


class Kept:
    """The rows of every solution over these documents and questions, as far as they were ever asked."""

    def __init__(
        self,
        trials: Trials,
        ground: Ground,
        evalset: EvalSet,
        corpus: str,
        judged: Sequence[Judged] = ("documents",),
    ) -> None:
        self._trials = trials
        self._ground = ground
        self._evalset = evalset
        self._corpus = corpus
        self._judged = judged
        self._registry = Registry()
        self._keys: dict[str, RunKey] = {}
        self._rows: dict[RunKey, dict[str, Row]] = {}

    def rows(self, checked: Checked) -> Mapping[str, Row]:
        """What is kept of a solution, by question."""
        return self._known(self._key(checked))

    def keep(self, checked: Checked, rows: Sequence[Row]) -> None:
        """Adds rows; they are on disk when this returns."""
        key = self._key(checked)
        self._trials.keep(key, [row_to_plain(row) for row in rows])
        self._known(key).update((row.id, row) for row in rows)

    def failed(self, names: Sequence[str], problem: SurefootError) -> list[Row]:
        """Rows of questions that could not be asked; they are not kept, for the cause may be gone next time."""

        def ask(_: EvalCase) -> Outcome:
            raise problem

        cases = {case.id: case for case in self._evalset.cases}
        standard = Standard.of(self._evalset)
        return [ask_one(cases[name], ask, self._judged, perf_counter, standard) for name in names]

    def _known(self, key: RunKey) -> dict[str, Row]:
        if key not in self._rows:
            found = self._trials.kept(key)
            self._rows[key] = {name: row_from_plain(row) for name, row in found.items()}
        return self._rows[key]

    def _key(self, checked: Checked) -> RunKey:
        """Solutions that are run alike have the same rows: those that differ in stages that are not run."""
        if checked.digest not in self._keys:
            run = as_run(checked.solution, self._judged, self._registry)
            digest = self._ground.resources(run).digest
            self._keys[checked.digest] = RunKey(digest, self._corpus, self._evalset.digest)
        return self._keys[checked.digest]


class Allowance:
    """What may still be asked. One trial is one solution on all dev questions, asked now or kept from before.

    Questions of the holdout are no trials, and time for the verdict on them, which is about so many `solutions`, is
    held back.
    """

    def __init__(
        self,
        budget: Budget,
        evalset: EvalSet,
        *,
        solutions: int = 3,
        workers: int = 1,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        unseen = [case.id for case in evalset.cases if case.split == "holdout"]
        self._unseen = frozenset(unseen)
        self._dev = len(evalset.cases) - len(unseen)
        self._trials = BudgetMeter(Budget(trials=budget.trials), clock=clock)
        self._spent = BudgetMeter(replace(budget, trials=None), clock=clock)
        self._last = (solutions * len(unseen) + _TRACED) / workers
        self._latency_s = 0.0
        self._asked = 0
        self._counted: dict[str, set[str]] = {}

    def trials(self, request: Request) -> float:
        """How many trials asking these questions is, those not counted that were asked already."""
        counted = self._counted.get(request.candidate.digest, set())
        fresh = {name for name in request.cases if name not in self._unseen} - counted
        return len(fresh) / max(1, self._dev)

    def check(self, request: Request, begun: float = 0.0) -> None:
        """Raises CapReached where asking goes over a limit, `begun` trials being under way."""
        trials = self.trials(request)
        if trials:
            self._trials.check(trials=trials + begun)
        self.check_time(request)

    def check_time(self, request: Request) -> None:
        """Raises CapReached where time, calls or money are used up, but for what is held back for the verdict."""
        if self._unseen.issuperset(request.cases):
            self._check_money()
        else:
            self._spent.check(Expense(wall_s=self._held_back()))

    def count(self, request: Request) -> None:
        """Counts trials that were finished."""
        self._trials.add(trials=self.trials(request))
        counted = self._counted.setdefault(request.candidate.digest, set())
        counted.update(name for name in request.cases if name not in self._unseen)

    def asked(self, rows: Sequence[Row]) -> None:
        """Counts what asking took."""
        self._asked += len(rows)
        for row in rows:
            self._latency_s += row.latency_ms / 1000
            self._spent.add(Expense(0.0, row.cpu_ms / 1000, row.usage))

    @property
    def left(self) -> Budget:
        """What remains; None where there is no limit."""
        return replace(self._spent.left(), trials=self._trials.left().trials)

    @property
    def asking(self) -> Expense:
        """What asking took, as it is charged."""
        return self._spent.spent

    def share_left(self) -> float:
        """The smallest share that is left of time, calls and money, 1 to 0; 1 where none is limited."""
        left, limits = self._spent.left(), self._spent.budget
        pairs = (
            (left.wall_s, limits.wall_s),
            (left.calls, limits.calls),
            (left.dollars, limits.dollars),
        )
        return min(
            (rest / limit if limit else 0.0)
            for rest, limit in ((1.0, 1.0), *pairs)
            if rest is not None and limit is not None
        )

    def check_building(self) -> None:
        """Raises CapReached where an index that is being built would leave too little for questions."""
        if self.share_left() < _FOR_ASKING:
            raise CapReached("the budget is too small to build another index", where="--budget")

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return self._spent.elapsed_s

    def _check_money(self) -> None:
        """Time was held back for this, so only money and calls can stop it."""
        meter = BudgetMeter(replace(self._spent.budget, wall_s=None))
        meter.add(self._spent.spent)
        meter.check()

    def _held_back(self) -> float:
        """Seconds for the verdict: its questions are new, so nothing of what was asked before is shared with them."""
        limit = self._spent.budget.wall_s
        if limit is None or not self._asked:
            return 0.0
        return min(self._last * self._latency_s / self._asked, limit * _AT_MOST)
