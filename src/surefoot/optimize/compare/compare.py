"""Compares methods on the same questions: makes each arm, asks it, measures it, and keeps all of it as it comes.

The same call goes on where a former one was stopped: nothing is trained or asked twice.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from statistics import fmean
from time import monotonic
from typing import TYPE_CHECKING

from surefoot.core.budget import BudgetMeter
from surefoot.core.errors import ConfigError, DataError
from surefoot.core.types import EvalSet
from surefoot.evaluate.course import expense_of
from surefoot.evaluate.scoring import Row
from surefoot.optimize.compare.asking import Answered, ArmBench, Listen
from surefoot.optimize.compare.base import Base, base_as_given, base_for_training
from surefoot.optimize.compare.files import CompareFiles, Made, Requested
from surefoot.optimize.compare.joining import differences, join, shared_metrics
from surefoot.optimize.compare.plan import Arm, ComparePlan, settings_of
from surefoot.optimize.compare.result import (
    METHODS,
    SEARCHING,
    TRAINED,
    ArmResult,
    Comparison,
    HeldEqual,
    Method,
    Service,
)
from surefoot.optimize.compare.settings import (
    DEFAULTS,
    CompareSettings,
    Doing,
    Moment,
    Watch,
    unwatched,
)
from surefoot.optimize.compare.suites import General, Suites, suites_of
from surefoot.optimize.compare.time_left import TimeLeft
from surefoot.optimize.compare.training import Trainee, Training
from surefoot.run.machine import index_bytes
from surefoot.tune.events import Event
from surefoot.tune.rows import TuningRows

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace


def compare_methods(
    space: Workspace,
    evalset: EvalSet,
    train: TuningRows | None,
    settings: CompareSettings = DEFAULTS,
    watch: Watch = unwatched,
) -> Comparison:
    """Runs all arms and says what they prove; everything lies in `.surefoot/compare/<id>/`.

    Raises:
        ConfigError: no method can be run, or what is to be gone on with has changed.
        MissingError: nothing is indexed yet.
        DataError: training rows give away questions, or no arm could be measured.
        CapReached: the budget ended; what is done is kept.
    """
    plan = ComparePlan(space, evalset, train, settings)
    files = CompareFiles(space.root / ".surefoot", plan.id)
    if settings.continues and settings.continues != plan.id:
        raise ConfigError(
            "documents, solution or model are others than those of the comparison to go on with",
            where=settings.continues,
            hint="begin a new one: surefoot compare --evalset NAME",
        )
    return _Run(space, plan, files, watch).comparison()


def load_comparison(space: Workspace, name: str = "last") -> Comparison:
    """A comparison that has ended, by its id, the beginning of it, or `last`.

    Raises:
        MissingError: there is none, or it has not ended.
    """
    return CompareFiles.find(space.root / ".surefoot", name).result


def continued(
    space: Workspace, name: str, settings: CompareSettings
) -> tuple[EvalSet, TuningRows | None, CompareSettings]:
    """Questions, rows and settings of a comparison, to go on with it: its effort, and the seeds of `settings` too."""
    files = CompareFiles.find(space.root / ".surefoot", name)
    return files.evalset, files.train, settings_of(files.asked, settings)


class _Run:
    """One run of a comparison."""

    def __init__(
        self, space: Workspace, plan: ComparePlan, files: CompareFiles, watch: Watch
    ) -> None:
        self._space = space
        self._plan = plan
        self._files = files
        self._watch = watch
        self._began = monotonic()
        self._budget = BudgetMeter(plan.settings.budget)
        self._bench = ArmBench(space)
        self._suites = Suites(space, plan.evalset, files.folder)
        self._place = 0
        self._failed: dict[Method, str] = {}

    def comparison(self) -> Comparison:
        """All arms, then what they prove together."""
        self._say("checking")
        asked = self._joined_to_former(self._plan.requested(self._held))
        self._files.begin(asked, self._plan.evalset, self._plan.train)
        arms = []
        for arm in self._plan.arms:
            self._place += 1
            self._budget.check()
            measured = self._measured(arm)
            if measured is not None:
                arms.append(measured)
        if not arms:
            raise DataError("no arm could be measured", hint="; ".join(self._failed.values()))
        self._say("joining")
        found = self._result(arms, asked)
        self._files.end(found)
        return replace(found, folder=str(self._files.folder))

    @cached_property
    def _base(self) -> Base:
        self._say("preparing", "base")
        plan, env = self._plan, self._space.resources.env
        if not plan.trains:
            return base_as_given(plan.model, env)
        return base_for_training(plan.model, env, plan.settings.number_type)

    @cached_property
    def _training(self) -> Training:
        return Training(self._space, self._files, self._base, self._plan.settings)

    @cached_property
    def _general(self) -> General | None:
        """What the base does of the general tasks."""
        if not (self._plan.settings.suites and self._plan.trains):
            return None
        return self._suites.general(self._base.model, listen=self._listen("measuring"))

    @property
    def _held(self) -> HeldEqual:
        plan, base = self._plan, self._base
        answer = plan.frame.answer
        return HeldEqual(
            model=plan.model,
            base=base.model,
            base_digest=base.digest,
            template_digest=base.template_digest,
            engine=base.engine,
            number_type=base.number_type,
            max_tokens=int(answer.get("max_tokens", 400)),
            temperature=float(answer.get("temperature", 0.0)),
            train_budget=plan.effort_said if plan.trains else "",
            evalset_digest=plan.evalset.digest,
            train_digest=plan.train.digest if plan.train else "",
            corpus=plan.corpus,
        )

    def _joined_to_former(self, asked: Requested) -> Requested:
        """The request with the methods and seeds of one under the same id: what was measured is not hidden."""
        if self._files.folder.name not in (
            one.folder.name for one in CompareFiles.all(self._space.root / ".surefoot")
        ):
            return asked
        former = self._files.asked
        methods = {*former.methods, *asked.methods}
        return replace(
            asked,
            methods=tuple(method for method in METHODS if method in methods),
            seeds=tuple(sorted({*former.seeds, *asked.seeds})),
        )

    def _measured(self, arm: Arm) -> ArmResult | None:
        """The arm, ready, asked and measured; None where it cannot be made, which is said."""
        try:
            made = self._made(arm)
        except DataError as problem:
            if arm.method not in TRAINED:
                raise
            self._failed[arm.method] = f"{arm.name}: {problem.message} ({problem.hint})"
            return None
        plain = self._plan.solution(arm, made.model, self._files)
        file = self._files.write_solution(arm.name, plain)
        answered = self._bench.ask(plain, self._plan.evalset, self._listen("asking", arm.name))
        peak = self._files.peak(arm.name, answered.peak_mib)
        found = ArmResult(
            method=arm.method,
            seed=arm.seed,
            digest=answered.digest,
            file=str(file.relative_to(self._files.folder)),
            solution=plain,
            evaluation=answered.evaluation,
            build=made.build,
            service=self._service(arm, made, answered, peak),
            parity=made.parity,
            rows_digest=made.rows_digest,
            dev_loss=made.dev_loss,
            notes=made.notes,
        )
        return self._with_suites(arm, found, made)

    def _with_suites(self, arm: Arm, found: ArmResult, made: Made) -> ArmResult:
        searches = arm.method in SEARCHING
        if not self._plan.settings.suites:
            return self._suites.scored(found)
        changed = self._suites.changed(
            found.solution, searches=searches, listen=self._listen("measuring", arm.name)
        )
        general = None
        if arm.method in TRAINED:
            listen = self._listen("measuring", arm.name)
            general = self._suites.general(made.model, listen=listen)
        elif arm.method == "prompt":
            general = self._general
        found = replace(found, suites=suites_of(changed, general))
        return self._suites.scored(found, self._general, changed.update_s if changed else None)

    def _made(self, arm: Arm) -> Made:
        if arm.method not in TRAINED:
            train = self._plan.train
            shown = train is not None and arm.method in ("fewshot", "nearest")
            return Made(self._base.model, rows_digest=train.digest if train and shown else "")
        train = self._plan.train
        if train is None:  # a method without rows is not possible, and so not planned
            raise ConfigError("no training rows were given", where="--train")
        served = self._files.write_solution(
            f"{arm.method}-served", self._plan.solution(arm, self._base.model, self._files)
        )
        trainee = Trainee(
            arm=arm.name,
            method=arm.method,
            seed=arm.seed,
            name=f"{self._plan.evalset.name}-{arm.name}-{self._plan.id[:6]}".replace("+", "-"),
            served=served,
            passages=max(1, self._plan.passages),
        )
        return self._training.made(
            trainee, train, lambda doing, event: self._say(doing, arm.name, event=event)
        )

    def _service(self, arm: Arm, made: Made, answered: Answered, peak: float) -> Service:
        rows = answered.evaluation.rows
        scores = {score.metric: score.value for score in answered.evaluation.scores}
        storage = made.storage_bytes
        if arm.method in ("fewshot", "nearest"):
            storage += self._files.examples.stat().st_size
        if arm.method in SEARCHING:
            resources = self._space.resources
            storage += index_bytes(resources.place.tables, resources.recipe) or 0
        return Service(
            latency_p50_ms=scores.get("latency_p50_ms", 0.0),
            latency_p95_ms=scores.get("latency_p95_ms", 0.0),
            cpu_ms=scores.get("cpu_ms", 0.0),
            usd=scores.get("cost_usd", 0.0),
            prompt_tokens=fmean(row.usage.prompt_tokens for row in rows),
            completion_tokens=fmean(row.usage.completion_tokens for row in rows),
            peak_mib=peak,
            storage_bytes=storage,
        )

    def _result(self, arms: list[ArmResult], asked: Requested) -> Comparison:
        plan = self._plan
        arms = self._with_former(arms)
        metrics = dict.fromkeys((plan.metric, *shared_metrics(arms)))
        return Comparison(
            id=plan.id,
            evalset=plan.evalset.name,
            n=len(plan.evalset.cases),
            metric=plan.metric,
            held=asked.held,
            arms=tuple(arms),
            joined=join(arms, plan.metric),
            differences=tuple(one for metric in metrics for one in differences(arms, metric)),
            left_out={**plan.left_out, **self._failed},
            notes=(*plan.notes, *_said_of(arms)),
            command=plan.settings.command,
        )

    def _with_former(self, arms: list[ArmResult]) -> list[ArmResult]:
        """These arms and those of a result under the same id that were not asked for again."""
        names = {arm.name for arm in arms}
        former = self._files.result.arms if self._files.ended else ()
        return [*arms, *(arm for arm in former if arm.name not in names)]

    def _listen(self, doing: Doing, what: str = "") -> Listen:
        def hear(done: int, total: int, row: Row | None) -> None:
            if row is not None:
                self._budget.add(expense_of(row))
                self._budget.check()
            self._say(doing, what, done=done, total=total)

        return hear

    def _say(
        self,
        doing: Doing,
        what: str = "",
        *,
        done: int = 0,
        total: int = 0,
        event: Event | None = None,
    ) -> None:
        if event is not None:
            self._budget.check()
            done, total = event.step, event.steps
        elapsed, arms = monotonic() - self._began, len(self._plan.arms)
        at = arms if doing == "joining" else max(0, self._place - 1)
        left = self._left.seconds(doing, at, elapsed)
        self._watch(Moment(doing, what, self._place, arms, done, total, event, elapsed, left))

    @cached_property
    def _left(self) -> TimeLeft:
        arms, files = self._plan.arms, self._files
        return TimeLeft(
            [self._plan.forecast[arm.method] for arm in arms],
            made=[at for at, arm in enumerate(arms) if files.made(arm.name) is not None],
            asked=[at for at, arm in enumerate(arms) if files.peak(arm.name)],
        )


def _said_of(arms: list[ArmResult]) -> list[str]:
    """What is to be said once of all arms together."""
    return list(dict.fromkeys(note for arm in arms for note in arm.notes))
