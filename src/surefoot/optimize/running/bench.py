"""Runs trials over a workspace: what was asked before is read from the ledger, all else is asked and recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from surefoot.core.errors import ConfigError, MissingError
from surefoot.evaluate.scoring import Row
from surefoot.optimize.running.crew import Crew, Job
from surefoot.optimize.running.keeping import Allowance, Kept
from surefoot.optimize.running.variants import Variants
from surefoot.optimize.spaces.ground import Checked
from surefoot.optimize.spaces.space import SolutionSpace
from surefoot.optimize.trial import Candidate, Request

BLOCK = 16
"""Questions that are asked and recorded together: a kill loses these, and none that was counted."""

AHEAD = 4
"""Requests that workers may have begun, the one whose rows are awaited among them."""

Watch = Callable[[Candidate, Sequence[Row]], None]
"""Called with a solution and rows of it, as they become known."""


@dataclass(slots=True)
class _Begun:
    request: Request
    checked: Checked
    rows: dict[str, Row] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)


class WorkspaceBench:
    """Asks the solutions of a space the questions of an eval set; `asked` and `kept` count rows."""

    def __init__(
        self,
        space: SolutionSpace,
        kept: Kept,
        allowance: Allowance,
        variants: Variants,
        crew: Crew,
        watch: Watch | None = None,
    ) -> None:
        self._space = space
        self._kept = kept
        self._allowance = allowance
        self._variants = variants
        self._crew = crew
        self._watch = watch
        self.asked = 0
        self.kept = 0

    def ask(self, requests: Sequence[Request], /) -> Iterator[tuple[Candidate, Sequence[Row]]]:
        """The rows of each request in the order of its cases; requests come back in order.

        Raises:
            CapReached: the budget is used up; what came before it stays recorded.
        """
        waiting, begun = list(requests), list[_Begun]()
        width = AHEAD if self._crew.size > 1 else 1
        try:
            while waiting or begun:
                while waiting and len(begun) < width:
                    begun.append(self._begin(waiting.pop(0), begun))
                one = begun[0]
                self._finish(one)
                begun.pop(0)
                self._allowance.count(one.request)
                yield one.request.candidate, [one.rows[name] for name in one.request.cases]
        finally:
            for one in begun:
                self._record(one, self._crew.withdraw(one.jobs))

    def _begin(self, request: Request, others: Sequence[_Begun]) -> _Begun:
        """Takes what is kept and hands out the rest."""
        under_way = sum(self._allowance.trials(one.request) for one in others)
        self._allowance.check(request, under_way)
        checked = self._space.solution(request.candidate.digest)
        known = self._kept.rows(checked)
        begun = _Begun(request, checked, {n: known[n] for n in request.cases if n in known})
        self.kept += len(begun.rows)
        if self._watch:
            self._watch(request.candidate, list(begun.rows.values()))
        missing = [name for name in request.cases if name not in begun.rows]
        try:
            if missing:
                self._variants.prepare(checked)
                begun.jobs = self._crew.hand(checked.solution, missing, BLOCK)
        except (ConfigError, MissingError) as problem:
            begun.rows |= {row.id: row for row in self._kept.failed(missing, problem)}
        return begun

    def _finish(self, begun: _Begun) -> None:
        while begun.jobs:
            self._allowance.check_time(begun.request)
            rows = self._crew.done(begun.jobs[0])
            begun.jobs.pop(0)
            self._record(begun, rows)

    def _record(self, begun: _Begun, rows: Sequence[Row]) -> None:
        self._kept.keep(begun.checked, rows)
        begun.rows |= {row.id: row for row in rows}
        self.asked += len(rows)
        self._allowance.asked(rows)
        if self._watch:
            self._watch(begun.request.candidate, rows)
