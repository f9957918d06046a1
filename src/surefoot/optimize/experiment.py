"""Searches for the best solution of a workspace on an eval set, and keeps all that came of it.

What was asked is in the ledger as it is asked, so that the same call goes on where a former one was stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from surefoot.config.registry import Registry
from surefoot.config.space import SpaceSettings, parse_space, space_json
from surefoot.core.budget import Budget
from surefoot.core.digest import digest_json
from surefoot.core.errors import ConfigError
from surefoot.core.types import EvalSet
from surefoot.evaluate.evalsets import part, split
from surefoot.evaluate.hidden import without_hidden
from surefoot.evaluate.measuring import EVIDENCE, RETRIEVAL, SPANS
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.standard import Judged, headline
from surefoot.optimize.files import Asked, Ended, ExperimentFiles
from surefoot.optimize.forecast import Audit, Forecast, forecast
from surefoot.optimize.result import Objective, Searched
from surefoot.optimize.running.asking import Setup
from surefoot.optimize.running.bench import WorkspaceBench
from surefoot.optimize.running.carrying import (
    carry,
    changed_documents,
    corpus_version,
    document_marks,
    touched_cases,
)
from surefoot.optimize.running.crew import Alone, Crew, Workers
from surefoot.optimize.running.keeping import Allowance, Kept
from surefoot.optimize.running.variants import Variants
from surefoot.optimize.search.order import asking_order
from surefoot.optimize.search.rules import Rules
from surefoot.optimize.search.search import search
from surefoot.optimize.spaces.defaults import default_space
from surefoot.optimize.spaces.ground import Checked, Ground
from surefoot.optimize.spaces.space import SolutionSpace
from surefoot.optimize.spaces.winner import apply, rewritten
from surefoot.optimize.tracing import traced
from surefoot.optimize.trial import Request
from surefoot.optimize.watching import Show, Watcher, unwatched

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

_FIRST = 8
"""Dev questions that the present solution is asked for the forecast; they are those it is asked first anyway."""


@dataclass(frozen=True, slots=True)
class OptimizeSettings:
    """What a search is to do. Without `space` the documents say what is tried; without `metric` the eval set does.

    `holdout` is the share of questions kept for the verdict, where the set has no split of its own. `continues`
    names an experiment over former documents: what their change does not touch is taken over from it.
    """

    space: SpaceSettings | None = None
    budget: Budget = field(default_factory=Budget)
    objectives: tuple[Objective, ...] = ("quality",)
    metric: str = ""
    workers: int = 1
    seed: int = 0
    holdout: float = 0.5
    continues: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Experiment:
    """A search that has ended. `rows` are those of the holdout by solution; `winner` is complete and checked."""

    asked: Asked
    ended: Ended
    evalset: EvalSet
    winner: Checked
    solution_file: str
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Names the experiment and its folder."""
        return self.asked.id

    @property
    def searched(self) -> Searched:
        """What was found."""
        return self.ended.searched

    @property
    def proven(self) -> bool:
        """Whether unseen questions proved the winner better than the present solution."""
        found = self.searched
        return found.unseen is not None and any(
            one.digest == found.winner and one.against == found.present and one.kind == "better"
            for one in found.unseen.compared
        )


class Planned:
    """A search that is ready to run: space, questions, files, and what is kept from before. Opens no model."""

    def __init__(self, space: Workspace, evalset: EvalSet, settings: OptimizeSettings) -> None:
        self.corpus = corpus_version(space)
        self.space = space
        self.settings = settings
        self.ground = Ground(space)
        evalset, self.notes = without_hidden(evalset)
        self.evalset = split(evalset, settings.holdout)
        wanted = settings.space or default_space(space, evalset)
        self.solutions = SolutionSpace(wanted, self.ground)
        present = self.solutions.solution(self.solutions.present.digest)
        self.metric = settings.metric or headline(evalset.task, _gives(present), self.evalset.cases)
        self.judged = _judged(self.metric)

    @cached_property
    def asked(self) -> Asked:
        """What is asked, under an id that is the same for the same search over the same documents."""
        settings = self.settings
        said = [
            self.solutions.digest,
            self.evalset.digest,
            sorted((case.id, case.split) for case in self.evalset.cases),
            self.corpus,
            self.metric,
            list(settings.objectives),
            settings.seed,
        ]
        return Asked(
            id=digest_json(said)[:12],
            evalset=self.evalset.name,
            evalset_digest=self.evalset.digest,
            corpus=self.corpus,
            space=space_json(self.solutions.settings),
            metric=self.metric,
            objectives=settings.objectives,
            seed=settings.seed,
            budget=str(settings.budget),
            workers=settings.workers,
            holdout=settings.holdout,
            command=settings.command,
            continues=settings.continues,
        )

    @property
    def rules(self) -> Rules:
        """What the search goes by: trials limit questions exactly, time and money stop it."""
        budget = self.settings.budget
        dev = sum(case.split != "holdout" for case in self.evalset.cases)
        stops = (budget.wall_s, budget.calls, budget.dollars)
        return Rules(
            metric=self.metric,
            objectives=self.settings.objectives,
            questions=round(budget.trials * dev) if budget.trials is not None else None,
            effort=0.1 if all(limit is None for limit in stops) else None,
            seed=self.settings.seed,
        )

    @property
    def compared(self) -> int:
        """How many solutions the verdict is about at most: the chosen, the present and the plain one."""
        return 1 + len({self.solutions.present.digest, self.solutions.baseline.digest})

    def kept(self, corpus: str) -> Kept:
        """What was asked before, over the documents of this version."""
        return Kept(self.space.trials, self.ground, self.evalset, corpus, self.judged)

    def crew(self) -> Crew:
        """Who asks."""
        workers, options = self.settings.workers, self.space.settings.settings
        threads = max(1, options.threads // workers)
        options = options.model_copy(update={"threads": threads})
        setup = Setup(self.space.place, options, self.evalset, self.corpus, self.judged)
        return Alone(setup) if workers <= 1 else Workers(setup, workers)


def optimize(
    space: Workspace,
    evalset: EvalSet,
    settings: OptimizeSettings = OptimizeSettings(),
    show: Show = unwatched,
) -> Experiment:
    """Finds the best solution, has the verdict of unseen questions, and keeps it in `.surefoot/experiments/<id>/`.

    Raises:
        MissingError: nothing is indexed yet.
        ConfigError: the space or the eval set cannot be used.
        CapReached: the budget ended before any question was asked.
    """
    plan = Planned(space, evalset, settings)
    files = ExperimentFiles(space.root / ".surefoot", plan.asked.id)
    files.begin(plan.asked, plan.evalset, document_marks(space))
    kept = plan.kept(plan.corpus)
    if settings.continues:
        _take_over(plan, files, kept)
    with ExitStack() as closing:
        crew = plan.crew()
        closing.callback(crew.close)
        watcher = Watcher(plan.metric, show)
        bench, variants, allowance = _readied(plan, kept, files.folder, crew, watcher)
        expected = _expected(plan, bench)
        watcher.begin(expected, allowance)
        found = search(
            plan.solutions,
            bench,
            plan.evalset.cases,
            plan.rules,
            left=allowance.share_left,
            spend=lambda: _spend(plan),
        )
    audit = Audit(bench.asked, bench.kept, allowance.elapsed_s, allowance.asking, variants.expense)
    winner = plan.solutions.solution(found.winner)
    unseen = [case for case in plan.evalset.cases if case.split == "holdout"]
    known = kept.rows(winner)
    asked = [known[case.id] for case in unseen if case.id in known]
    traces = traced(space, winner, asked, unseen, plan.metric)
    _end(plan, files, found, (expected, audit, (*plan.notes, *getattr(crew, "notes", ())), traces))
    if winner.solution.corpus is not None:
        variants.drop([plan.ground.resources(winner.solution).recipe])
    return load_experiment(space, plan.asked.id)


def foresee(
    space: Workspace, evalset: EvalSet, settings: OptimizeSettings = OptimizeSettings()
) -> Forecast:
    """What `optimize` would take: the present solution is asked the first questions, whose rows are kept for it.

    Raises:
        MissingError: nothing is indexed yet.
        ConfigError: the space or the eval set cannot be used.
    """
    plan = Planned(space, evalset, settings)
    with TemporaryDirectory() as folder, ExitStack() as closing:
        crew = plan.crew()
        closing.callback(crew.close)
        watcher = Watcher(plan.metric, unwatched)
        bench, *_ = _readied(plan, plan.kept(plan.corpus), Path(folder), crew, watcher)
        return _expected(plan, bench)


def _readied(
    plan: Planned, kept: Kept, folder: Path, crew: Crew, watcher: Watcher
) -> tuple[WorkspaceBench, Variants, Allowance]:
    allowance = Allowance(
        plan.settings.budget, plan.evalset, solutions=plan.compared, workers=crew.size
    )
    variants = Variants(plan.space, plan.ground, folder, _within(allowance, watcher))
    bench = WorkspaceBench(plan.solutions, kept, allowance, variants, crew, watcher.asking)
    return bench, variants, allowance


def load_experiment(space: Workspace, name: str = "last") -> Experiment:
    """An experiment that has ended, by its id, the beginning of it, or `last`.

    Raises:
        MissingError: there is none, or it has not ended.
    """
    files = ExperimentFiles.find(space.root / ".surefoot", name)
    asked, ended, evalset = files.asked, files.ended, files.evalset
    ground, found = Ground(space), ended.searched
    kept = Kept(space.trials, ground, evalset, asked.corpus, _judged(asked.metric))
    unseen = [case.id for case in evalset.cases if case.split == "holdout"]
    rows: dict[str, list[Row]] = {}
    for digest in dict.fromkeys((found.chosen, found.winner, found.present, found.baseline)):
        if digest in ended.solutions:
            known = kept.rows(ground.checked(ended.solutions[digest]))
            rows[digest] = [known[name] for name in unseen if name in known]
    if found.winner in rows:
        rows[found.winner] = [
            replace(row, trace_id=ended.traces.get(row.id, "")) for row in rows[found.winner]
        ]
    winner = ground.checked(ended.solutions[found.winner])
    return Experiment(asked, ended, evalset, winner, str(files.folder / "solution.toml"), rows)


def put_in_force(space: Workspace, found: Experiment) -> Path:
    """Makes the winner the workspace's solution and its index the live one; where the former file lies now.

    Raises:
        ConfigError: the workspace was opened under another solution than its own.
    """
    folder = Path(found.solution_file).parent
    variants = Variants(space, Ground(space), folder, lambda *_: None)
    return apply(space, found.winner, variants, found.id)


def continued(
    space: Workspace, name: str, settings: OptimizeSettings
) -> tuple[EvalSet, OptimizeSettings]:
    """The questions and settings of an experiment, to go on with it over the documents of now.

    Budget, workers and command are those of `settings`.
    """
    files = ExperimentFiles.find(space.root / ".surefoot", name)
    asked = files.asked
    objectives: tuple[Objective, ...] = tuple(
        one for one in ("quality", "cost", "latency") if one in asked.objectives
    )
    return files.evalset, replace(
        settings,
        space=parse_space(asked.space),
        objectives=objectives,
        metric=asked.metric,
        seed=asked.seed,
        holdout=asked.holdout,
        continues=asked.id,
    )


def _end(
    plan: Planned,
    files: ExperimentFiles,
    found: Searched,
    told: tuple[Forecast, Audit, tuple[str, ...], Mapping[str, str]],
) -> None:
    expected, audit, notes, traces = told
    known = {one.candidate.digest for one in found.tried} | {found.winner, found.present}
    ended = Ended(
        searched=found,
        solutions={digest: dict(plan.solutions.solution(digest).plain) for digest in sorted(known)},
        forecast=expected,
        audit=audit,
        dropped=dict(plan.solutions.dropped),
        notes=notes,
        traces=traces,
    )
    text = plan.space.solution_file.read_text(encoding="utf-8")
    files.end(ended, rewritten(text, plan.solutions.solution(found.winner).plain))


def _within(allowance: Allowance, watcher: Watcher) -> Callable[[str, int, int], None]:
    """Shows how far an index is, and gives it up where the budget does not reach for it."""

    def building(title: str, done: int, total: int) -> None:
        allowance.check_building()
        watcher.building(title, done, total)

    return building


def _expected(plan: Planned, bench: WorkspaceBench) -> Forecast:
    """The forecast, from what the present solution takes for the questions that it is asked first."""
    rules = plan.rules
    dev = [case for case in plan.evalset.cases if case.split != "holdout"]
    first = tuple(asking_order(dev, seed=rules.seed)[:_FIRST])
    rows = [
        row for _, asked in bench.ask([Request(plan.solutions.present, first)]) for row in asked
    ]
    failed = next((row.failure for row in rows if row.failure), None)
    if failed and all(row.failure for row in rows):
        raise ConfigError(f"the present solution answers nothing: {failed}", where="surefoot.toml")
    return forecast(plan.evalset.cases, plan.solutions.size, rules, plan.settings.budget, rows)


def _spend(plan: Planned) -> bool:
    """Marks the unseen questions as used by this experiment; whether it is the first to."""
    unseen = [case for case in plan.evalset.cases if case.split == "holdout"]
    digest = part(plan.evalset, unseen).digest
    return plan.space.trials.spend_holdout(digest, plan.asked.id)


def _take_over(plan: Planned, files: ExperimentFiles, now: Kept) -> None:
    """What the change of documents since a former experiment does not touch."""
    former = ExperimentFiles.find(files.folder.parents[1], plan.settings.continues)
    if former.asked.corpus == plan.corpus:
        return
    changed = changed_documents(former.documents, document_marks(plan.space))
    touched = touched_cases(plan.space, plan.evalset.cases, changed)
    before = plan.kept(former.asked.corpus)
    for plain in former.ended.solutions.values():
        carry(plan.ground.checked(plain), before, now, touched, changed)


def _gives(checked: Checked) -> tuple[Judged, ...]:
    """What of a solution can be judged."""
    registry = Registry()
    produced = {
        registry.part_class("stage", stage.kind).produces for stage in checked.solution.stages
    }
    found: tuple[Judged, ...] = ("documents", "evidence") if "hits" in produced else ()
    return (*found, "answer") if "answer" in produced else found


def _judged(metric: str) -> tuple[Judged, ...]:
    """What must be judged for a metric: one of the search needs no answer."""
    found: tuple[Judged, ...] = ("documents", "evidence")
    return found if metric in {*RETRIEVAL, *SPANS, *EVIDENCE} else (*found, "answer")
