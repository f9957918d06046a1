"""Learns from an eval set how a workspace's rerank stage orders and judges hits, and says whether that is a gain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from surefoot.core.errors import ConfigError
from surefoot.core.roles import Call
from surefoot.core.types import EvalCase, EvalSet, Query, Score, Turn
from surefoot.evaluate.learn.base import FOLDS, METRIC, Progress, judge, judged_cases, rewrite_stage
from surefoot.evaluate.stats import mean_score, paired_difference
from surefoot.retrieve.rerank.features import FEATURES
from surefoot.retrieve.rerank.learn_rerank import (
    Calibrated,
    Learnt,
    Seen,
    calibrate,
    cross_validate,
)
from surefoot.retrieve.rerank.rerank import RerankSettings

if TYPE_CHECKING:
    from surefoot.core.types import Hit
    from surefoot.retrieve.rerank.rerank import Rerank
    from surefoot.run.workspace import Workspace


@dataclass(frozen=True, slots=True)
class RerankFound:
    """What was learnt. `learnt`, `difference` and `calibration_error` are out of fold.

    `order` are the settings that change the order, `calibration` makes `relevance` a probability on these documents;
    its error is over the `judged` best hits of all questions, each asked with its answer in the index and without.
    """

    evalset: str
    present: Score
    learnt: Score
    difference: Score
    order: dict[str, Any]
    calibration: dict[str, Any]
    calibration_error: float
    judged: int

    @property
    def proven(self) -> bool:
        """Whether the interval of the difference lies above 0."""
        return self.difference.low > 0


def learn_rerank_from(
    space: Workspace, evalset: EvalSet, *, seed: int = 0, progress: Progress | None = None
) -> RerankFound:
    """Asks every question once up to the rerank stage, and learns from what it scores.

    Raises:
        ConfigError: no stage reranks.
        DataError: too few questions name a relevant document.
    """
    cases = judged_cases(evalset)
    place, settings = rerank_place(space)
    stages = space.resources.stages()
    stage: Rerank = stages[place].stage  # type: ignore[assignment]
    seen: list[Seen] = []
    for case in cases:
        turn = Turn(Query(case.question, case.lang, case.filter))
        for named in stages[:place]:
            turn = named.stage(turn, Call(seed=seed, limit=settings.depth))
        hits, rows, scores = stage.examined(turn)
        seen.append(_seen(case, hits, rows, scores))
        if progress:
            progress(len(seen), len(cases))
    start = stage.linear()
    learnt = cross_validate(seen, judge(cases), start, folds=FOLDS, seed=seed)
    weights = learnt.weights if _gains(learnt, seed) else start
    known = calibrate(seen, weights, folds=FOLDS, seed=seed)
    return _found(evalset.name, learnt, known, stage.by_features, seed)


def rerank_place(space: Workspace) -> tuple[int, RerankSettings]:
    """The place of the first rerank stage, and its settings.

    Raises:
        ConfigError: there is none.
    """
    for place, stage in enumerate(space.solution.stages):
        if isinstance(stage, RerankSettings):
            return place, stage
    raise ConfigError(
        "no stage reranks",
        where=space.solution_file.name,
        hint='add [[stages]] kind = "rerank" after the search',
    )


def write_rerank(space: Workspace, found: RerankFound) -> None:
    """Puts the calibration, and the new order where its gain is proven, into the solution file."""
    order = found.order if found.proven else {}
    if "weights" in order:
        order = {"by": {"kind": "features", "weights": order["weights"]}}
    changes = {**order, "calibration": found.calibration}
    rewrite_stage(space, rerank_place(space)[0], changes)


def _seen(case: EvalCase, hits: Sequence[Hit], rows: Any, scores: Any) -> Seen:
    documents = tuple(hit.chunk.document_id for hit in hits)
    return Seen(documents, tuple(case.relevant.get(name, 0) for name in documents), rows, scores)


def _gains(learnt: Learnt, seed: int) -> bool:
    return paired_difference(METRIC, learnt.present, learnt.out_of_fold, seed=seed).low > 0


def _found(
    evalset: str, learnt: Learnt, known: Calibrated, by_features: bool, seed: int
) -> RerankFound:
    weights = learnt.weights
    order: dict[str, Any]
    if by_features:
        named = zip(FEATURES, weights, strict=True)
        order = {"weights": {name: round(float(weight), 3) for name, weight in named}}
    else:
        before, after = np.maximum(weights, 0)
        order = {"share": round(float(np.clip(after / ((before + after) or 1), 0.01, 1)), 2)}
    return RerankFound(
        evalset,
        mean_score(METRIC, learnt.present, seed=seed),
        mean_score(METRIC, learnt.out_of_fold, seed=seed),
        paired_difference(METRIC, learnt.present, learnt.out_of_fold, seed=seed),
        order,
        known.calibration.model_dump(mode="json"),
        known.error,
        len(known.chances),
    )
