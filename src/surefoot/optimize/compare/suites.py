"""Asks arms what is measured beside the questions, and makes the scores of it: changed documents, general tasks.

Each answer is kept as it comes, so that a comparison that was stopped asks only what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surefoot.core.types import EvalSet, Score
from surefoot.evaluate.runner import Evaluation
from surefoot.evaluate.scoring import Row
from surefoot.optimize.compare.asking import ArmBench, Listen, unheard
from surefoot.optimize.compare.forgetting import (
    GENERAL,
    LANGS,
    GeneralLang,
    forgot,
    general_score,
    general_solution,
    general_tasks,
)
from surefoot.optimize.compare.freshness import CHANGED, Changes, change_facts, freshness_scores
from surefoot.optimize.compare.hallucination import truth_scores
from surefoot.optimize.compare.result import TRAINED, ArmResult
from surefoot.optimize.compare.updating import update_of
from surefoot.run.changing import changing

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

General = Mapping[GeneralLang, Evaluation]


@dataclass(frozen=True, slots=True)
class AskedChanges:
    """An arm's answers over changed documents; `update_s` is the sync of one of them, None where none is searched."""

    evaluation: Evaluation
    update_s: float | None
    asked: int


class Suites:
    """What all arms of one comparison are asked besides; in `folder`, its own, lies the copy of the index."""

    def __init__(self, space: Workspace, evalset: EvalSet, folder: Path, *, seed: int = 0) -> None:
        self._space = space
        self._evalset = evalset
        self._folder = folder / "changed"
        self._seed = seed

    @cached_property
    def changes(self) -> Changes | None:
        """The questions whose answers are changed in the documents; None where no answer can be."""
        if self._space.solution.corpus is None:
            return None
        documents = {document.id: document for document in self._space.documents()}
        return change_facts(self._evalset, documents, seed=self._seed)

    def changed(
        self, plain: Mapping[str, Any], *, searches: bool, listen: Listen = unheard
    ) -> AskedChanges | None:
        """The changed questions, asked of an arm's solution over the changed documents; None where there are none.

        Raises:
            ConfigError, MissingError: the solution cannot be built.
        """
        if self.changes is None:
            return None
        if not searches:
            answered = ArmBench(self._space).ask(plain, self.changes.evalset, listen)
            return AskedChanges(answered.evaluation, None, answered.asked)
        with changing(self._space, self.changes.texts, self._folder) as other:
            answered = ArmBench(other.space).ask(plain, self.changes.evalset, listen)
        return AskedChanges(answered.evaluation, other.update_s, answered.asked)

    def general(self, model: str, *, adapter: str = "", listen: Listen = unheard) -> General:
        """The general tasks of both languages, asked of a model as it is.

        Raises:
            ConfigError, MissingError: there is no such model.
        """
        bench, plain = ArmBench(self._space), general_solution(model, adapter)
        return {lang: bench.ask(plain, general_tasks(lang), listen).evaluation for lang in LANGS}

    def scored(
        self, arm: ArmResult, base: General | None = None, sync_s: float | None = None
    ) -> ArmResult:
        """The arm with the scores of its answers and suites, and with the time that an update takes.

        `base` are the general tasks of the base model; `sync_s` is what `changed` said of an arm that searches.
        """
        cases = {case.id: case for case in self._evalset.cases}
        scores = dict(truth_scores(cases, arm.evaluation.rows, seed=self._seed))
        asked = arm.suites.get(CHANGED)
        if asked is not None and self.changes is not None:
            before = arm.evaluation.rows
            scores |= freshness_scores(self.changes, asked.rows, before, seed=self._seed)
        seconds, how = update_of(arm.method, arm.build, sync_s)
        return replace(
            arm,
            scores={**arm.scores, **scores, **self._lost(arm, base)},
            service=replace(arm.service, update_s=seconds, update_how=how),
        )

    def _lost(self, arm: ArmResult, base: General | None) -> Mapping[str, Score]:
        """What training lost; where nothing was trained, what the base can do."""
        if base is None:
            return {}
        was, own = _rows(base), general_suites(arm.suites)
        if arm.method not in TRAINED:
            return {GENERAL: general_score(was, seed=self._seed)}
        return forgot(was, _rows(own), seed=self._seed) if own else {}


def suites_of(changed: AskedChanges | None, general: General | None) -> dict[str, Evaluation]:
    """What was asked besides, under the names that `ArmResult.suites` has."""
    found = {CHANGED: changed.evaluation} if changed else {}
    return found | {f"general-{lang}": one for lang, one in (general or {}).items()}


def general_suites(suites: Mapping[str, Evaluation]) -> General:
    """The general tasks among the suites of an arm, by language."""
    return {lang: suites[f"general-{lang}"] for lang in LANGS if f"general-{lang}" in suites}


def _rows(asked: General) -> Mapping[GeneralLang, Sequence[Row]]:
    return {lang: one.rows for lang, one in asked.items()}
