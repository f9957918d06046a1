"""Asks an arm in a process of its own, so that its memory is its own, and keeps every answer as it comes.

What was kept before is not asked again. The process ends with the one that started it, however that ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from signal import SIG_IGN, SIGINT, signal
from typing import TYPE_CHECKING, Any

from surefoot.config.registry import Registry
from surefoot.config.solution import parse_solution
from surefoot.core.errors import SurefootError
from surefoot.core.types import EvalSet
from surefoot.evaluate.rows import row_from_plain, row_to_plain
from surefoot.evaluate.runner import Evaluation, evaluation_of
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.standard import Judged
from surefoot.optimize.processes import end_process
from surefoot.optimize.running.asking import Asking, Setup
from surefoot.optimize.spaces.ground import Checked, Ground
from surefoot.run.machine import peak_memory_bytes
from surefoot.store.trials import RunKey

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from surefoot.run.workspace import Workspace

_CLOSING_S = 5.0
_MIB = 1024 * 1024
_TRIES = 2
Listen = Callable[[int, int, Row | None], None]
"""Told how many questions are done, how many there are, and the row that was just asked; what it raises ends it."""


def unheard(done: int, total: int, row: Row | None) -> None:
    """For those who do not listen."""
    del done, total, row


@dataclass(frozen=True, slots=True)
class Answered:
    """An arm's answers to a set. `asked` were asked now, the others were kept; `peak_mib` is 0 where none was."""

    digest: str
    evaluation: Evaluation
    asked: int
    peak_mib: float


class ArmBench:
    """Asks any solution over the documents of one workspace."""

    def __init__(self, space: Workspace) -> None:
        self._space = space
        self._ground = Ground(space)
        self._versions: dict[str, str] = {}

    def ask(self, plain: Mapping[str, Any], evalset: EvalSet, listen: Listen = unheard) -> Answered:
        """All answers of a solution to the questions of a set.

        Raises:
            ConfigError, MissingError: the solution cannot be built.
            SurefootError: the process that asks died twice.
        """
        checked = self._ground.checked(plain)
        corpus = self._version(checked)
        key = RunKey(checked.digest, corpus, evalset.digest)
        judged = _judged(checked)
        known = {name: row_from_plain(row) for name, row in self._space.trials.kept(key).items()}
        left = [case.id for case in evalset.cases if case.id not in known]
        listen(len(known), len(evalset.cases), None)

        def keep(row: Row) -> None:
            self._space.trials.keep(key, [row_to_plain(row)])
            known[row.id] = row
            listen(len(known), len(evalset.cases), row)

        setup = Setup(self._space.place, self._space.settings.settings, evalset, corpus, judged)
        peak = _asked(setup, checked, left, keep) if left else 0.0
        rows = [known[case.id] for case in evalset.cases]
        identity = {"solution": checked.solution.name, "solution_digest": checked.digest}
        if corpus:
            identity["corpus_version"] = corpus
        found = replace(evaluation_of(evalset, rows, judged), identity=identity)
        return Answered(checked.digest, found, len(left), peak)

    def kept(self, plain: Mapping[str, Any], evalset: EvalSet) -> int:
        """How many of the questions need not be asked any more."""
        checked = self._ground.checked(plain)
        key = RunKey(checked.digest, self._version(checked), evalset.digest)
        known = self._space.trials.kept(key)
        return sum(case.id in known for case in evalset.cases)

    def _version(self, checked: Checked) -> str:
        """The version of the documents that the solution searches; empty where it searches none."""
        if checked.solution.corpus is None:
            return ""
        opened = self._ground.resources(checked.solution)
        if opened.recipe not in self._versions:
            with ExitStack() as closing:
                closing.callback(opened.close)
                self._versions[opened.recipe] = opened.index().version()
        return self._versions[opened.recipe]


def _judged(checked: Checked) -> tuple[Judged, ...]:
    if checked.solution.corpus is None:
        return ("answer",)
    return ("documents", "evidence", "answer")


def _asked(
    setup: Setup, checked: Checked, names: Sequence[str], keep: Callable[[Row], None]
) -> float:
    """Asks in another process, question by question; the most memory it held, in MiB."""
    left, peak = list(names), 0.0
    for attempt in range(1, _TRIES + 1):
        child, pipe = _started(setup)
        try:
            pipe.send(checked.solution.model_dump(mode="json", by_alias=True))
            while left:
                pipe.send(left[0])
                said = pipe.recv()
                if "problem" in said:
                    raise SurefootError(said["problem"], where=checked.solution.name)
                peak = max(peak, said["peak_mib"])
                keep(row_from_plain(said["row"]))
                del left[0]
        except (EOFError, OSError) as problem:
            child.join(_CLOSING_S)
            if attempt == _TRIES:
                raise SurefootError(
                    f"the process that asks died twice (exit code {child.exitcode})",
                    where=checked.solution.name,
                    hint="what was asked is kept; is there memory enough for this model?",
                ) from problem
        else:
            return peak
        finally:
            _end(child, pipe)
    return peak


def _started(setup: Setup) -> tuple[BaseProcess, Connection[Any, Any]]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_work, args=(theirs, setup), daemon=True)
    child.start()
    theirs.close()
    return child, ours


def _end(child: BaseProcess, pipe: Connection[Any, Any]) -> None:
    pipe.close()
    end_process(child, _CLOSING_S)
    child.close()


def _work(pipe: Connection[Any, Any], setup: Setup) -> None:
    """What the process does: takes a solution, then questions by id, until the pipe is closed."""
    signal(SIGINT, SIG_IGN)  # Ctrl-C is for the process that hands out the work; it closes the pipe
    with Asking(setup) as asking:
        try:
            solution = parse_solution(pipe.recv(), Registry())
            while True:
                (row,) = asking.rows(solution, [pipe.recv()])
                peak = (peak_memory_bytes() or 0) / _MIB
                pipe.send({"row": row_to_plain(row), "peak_mib": peak})
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return
        except SurefootError as problem:
            pipe.send({"problem": str(problem)})
