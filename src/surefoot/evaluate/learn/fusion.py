"""Learns from an eval set how a workspace's search fuses its lists, and says whether that is a proven gain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from surefoot.core.errors import ConfigError
from surefoot.core.roles import Call
from surefoot.core.types import EvalSet, Query, Score, Turn
from surefoot.evaluate.learn.base import FOLDS, METRIC, Progress, judge, judged_cases, rewrite_stage
from surefoot.evaluate.stats import mean_score, paired_difference
from surefoot.retrieve.learn_fusion import DEPTHS, Asked, Learnt, changes, learn_fusion
from surefoot.retrieve.search import SearchSettings

if TYPE_CHECKING:
    from surefoot.retrieve.search import Search
    from surefoot.run.workspace import Workspace


@dataclass(frozen=True, slots=True)
class FusionFound:
    """What was learnt. `learnt` and `difference` are out of fold: each question under settings learnt without it.

    `changes` are the settings best on all questions where they differ from the present ones; `folds` those of each
    fold. `written` says whether they stand in the solution file now.
    """

    evalset: str
    present: Score
    learnt: Score
    difference: Score
    changes: dict[str, Any]
    folds: tuple[dict[str, Any], ...]
    written: bool = False

    @property
    def proven(self) -> bool:
        """Whether the interval of the difference lies above 0 and there is something to change."""
        return self.difference.low > 0 and bool(self.changes)


def learn_fusion_from(
    space: Workspace, evalset: EvalSet, *, seed: int = 0, progress: Progress | None = None
) -> FusionFound:
    """Searches every question once, as deep as any candidate asks for, and compares the candidates.

    Stages before the search, such as spelling or filters, are part of it; stages after it are not.

    Raises:
        ConfigError: the solution has no search of its own.
        DataError: too few questions name a relevant document.
    """
    cases = judged_cases(evalset)
    stages = space.resources.stages()
    place, present = search_place(space)
    deep = cast("Search", stages[place].stage).under(_deep(present))
    asked: list[Asked] = []
    for case in cases:
        turn = Turn(Query(case.question, case.lang, case.filter))
        for named in stages[:place]:
            turn = named.stage(turn, Call(seed=seed))
        asked.append(Asked.of(*deep.lists(deep.aims(turn.query), turn.query, 1)))
        if progress:
            progress(len(asked), len(cases))
    learnt = learn_fusion(asked, judge(cases), present, folds=FOLDS, seed=seed)
    return _found(evalset.name, learnt, present, seed)


def search_place(space: Workspace) -> tuple[int, SearchSettings]:
    """The place of the first search among the stages, and its settings.

    Raises:
        ConfigError: there is none.
    """
    for place, stage in enumerate(space.solution.stages):
        if isinstance(stage, SearchSettings):
            return place, stage
    raise ConfigError(
        "no stage searches", where=space.solution_file.name, hint='add [[stages]] kind = "search"'
    )


def write_fusion(space: Workspace, found: FusionFound) -> None:
    """Puts the changed settings into the solution file; all else in the file stays as it is."""
    rewrite_stage(space, search_place(space)[0], found.changes)


def _deep(present: SearchSettings) -> SearchSettings:
    """As deep as the deepest candidate, with coverages whatever the guard."""
    deepest = {side: max(*DEPTHS, getattr(present, side)) for side in ("keyword", "vector")}
    wanted = {side: depth for side, depth in deepest.items() if getattr(present, side)}
    return present.model_copy(update={**wanted, "guard": 1.0})


def _found(evalset: str, learnt: Learnt, present: SearchSettings, seed: int) -> FusionFound:
    return FusionFound(
        evalset,
        mean_score(METRIC, learnt.present, seed=seed),
        mean_score(METRIC, learnt.out_of_fold, seed=seed),
        paired_difference(METRIC, learnt.present, learnt.out_of_fold, seed=seed),
        changes(present, learnt.settings),
        tuple(changes(present, settings) for settings in learnt.chosen),
    )
