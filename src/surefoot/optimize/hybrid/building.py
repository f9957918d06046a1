"""Builds a hybrid of a tuned and a searching solution, and keeps it only where unseen questions prove that it pays.

Who gets which question is learnt on the questions to choose by; the verdict is on others, against both halves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal

from surefoot.core.errors import DataError
from surefoot.core.types import EvalSet
from surefoot.evaluate.evalsets import part, split
from surefoot.evaluate.runner import Evaluation
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.standard import headline
from surefoot.evaluate.stats import Verdict, compare
from surefoot.optimize.hybrid.dividing import Divided, Judged, divide
from surefoot.optimize.hybrid.halves import Half, Halves, Side, hybrid_solution
from surefoot.optimize.spaces.ground import Ground

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

Asker = Callable[[Mapping[str, Any], EvalSet], Evaluation]
"""Asks a solution, given as plain settings, all questions of a set."""

Outcome = Literal["better", "cheaper", "no gain", "not proven", "no division"]
_SIDES: tuple[Side, Side] = ("tuned", "retrieving")


@dataclass(frozen=True, slots=True)
class HybridSettings:
    """How a hybrid is built. `margin` is what counts as equal quality; without `metric` the eval set says.

    `holdout` is the share of questions kept for the verdict, where the set has no split of its own. `taught` are
    questions that the tuned half was trained on.
    """

    name: str = "hybrid"
    metric: str = ""
    margin: float = 0.02
    holdout: float = 0.5
    taught: tuple[str, ...] = ()
    seed: int = 0


DEFAULTS = HybridSettings()


@dataclass(frozen=True, slots=True)
class Beside:
    """The hybrid beside one half, on the same unseen questions.

    `quality` is the verdict on the hybrid's score minus the half's. `cost` is that on what a question takes, dollars
    where any are paid, else processor milliseconds: `better` there says that the hybrid takes more.
    """

    side: Side
    name: str
    score: float
    quality: Verdict
    cost: Verdict

    @property
    def pays(self) -> bool:
        """Whether the hybrid is better than this half, or as good and cheaper."""
        if self.quality.kind == "better":
            return True
        return self.quality.kind == "equivalent" and self.cost.kind == "worse"


@dataclass(frozen=True, slots=True)
class Hybrid:
    """A hybrid with what was learnt and what unseen questions say of it.

    `outcome`: proven `better` than both halves; at least as good and `cheaper`; `not proven`; or `no gain` and
    `no division`, where the questions to choose by gave no reason to ask it the unseen ones. `solution` is complete;
    `score` is the hybrid's mean on the unseen questions. `dev` holds the halves' means on the questions to choose by.
    """

    name: str
    metric: str
    outcome: Outcome
    dev_n: int
    unseen_n: int
    dev: Mapping[Side, float]
    divided: Divided | None = None
    solution: Mapping[str, Any] | None = None
    score: float | None = None
    beside: tuple[Beside, ...] = ()
    rows: tuple[Row, ...] = ()
    dollars: bool = False

    @property
    def kept(self) -> bool:
        """Whether it is worth serving."""
        return self.outcome in ("better", "cheaper")


def build_hybrid(
    space: Workspace,
    halves: Halves,
    evalset: EvalSet,
    ask: Asker,
    settings: HybridSettings = DEFAULTS,
) -> Hybrid:
    """Learns who gets which question, builds the hybrid, and measures it against both halves.

    Answers that the halves bring along are not asked again. The unseen questions are asked of the hybrid only where
    those to choose by promise a gain.

    Raises:
        ConfigError: the halves cannot be one solution, or the questions cannot be divided.
        DataError: too few questions have a score.
    """
    evalset = split(evalset, settings.holdout)
    metric = settings.metric or headline(evalset.task, ("documents", "answer"), evalset.cases)
    dev = part(evalset, [case for case in evalset.cases if case.split != "holdout"])
    unseen = part(evalset, [case for case in evalset.cases if case.split == "holdout"])
    halves = Halves(*(_answered(halves.of(side), evalset, ask) for side in _SIDES))
    judged, dollars = _judged(halves, dev, metric)
    known = Hybrid(settings.name, metric, "no division", len(judged), 0, _means(judged))
    known = replace(known, dollars=dollars)
    plain = halves.retrieving.solution
    with ExitStack() as closing:
        opened = Ground(space).resources(Ground(space).parsed(plain))
        closing.callback(opened.close)
        divided = divide(judged, opened.encoder(), settings.taught, seed=settings.seed)
    if divided is None:
        return known
    solution = hybrid_solution(halves, divided.division, settings.name)
    known = replace(known, divided=divided, solution=solution, outcome="no gain")
    if not _promises(divided, judged):
        return known
    return _measured(known, halves, (solution, unseen), ask, settings)


def _measured(
    known: Hybrid,
    halves: Halves,
    asked: tuple[Mapping[str, Any], EvalSet],
    ask: Asker,
    settings: HybridSettings,
) -> Hybrid:
    """The hybrid asked the unseen questions, beside both halves."""
    solution, unseen = asked
    rows = ask(solution, unseen).rows
    beside = tuple(_beside(known, side, halves.of(side), rows, settings) for side in _SIDES)
    scored = [row.metrics[known.metric] for row in rows if known.metric in row.metrics]
    if all(one.quality.kind == "better" for one in beside):
        outcome: Outcome = "better"
    else:
        outcome = "cheaper" if all(one.pays for one in beside) else "not proven"
    return replace(
        known,
        outcome=outcome,
        unseen_n=len(scored),
        score=fmean(scored) if scored else None,
        beside=beside,
        rows=tuple(rows),
    )


def _beside(
    known: Hybrid, side: Side, half: Half, rows: Sequence[Row], settings: HybridSettings
) -> Beside:
    own = {row.id: row for row in half.rows}
    pairs = [
        (own[row.id], row)
        for row in rows
        if row.id in own and known.metric in row.metrics and known.metric in own[row.id].metrics
    ]
    if not pairs:
        raise DataError(f"no unseen question has the score {known.metric}", where=half.name)
    base = [one.metrics[known.metric] for one, _ in pairs]
    other = [two.metrics[known.metric] for _, two in pairs]
    clusters = [one.cluster or one.id for one, _ in pairs]
    quality = compare(
        base, other, clusters=clusters, margin=settings.margin, family=2, seed=settings.seed
    )
    warm = pairs[1:] or pairs  # the first question also opens models and tables
    cost = compare(
        [_cost(one, dollars=known.dollars) for one, _ in warm],
        [_cost(two, dollars=known.dollars) for _, two in warm],
        clusters=[one.cluster or one.id for one, _ in warm],
        family=2,
        seed=settings.seed,
    )
    return Beside(side, half.name, fmean(base), quality, cost)


def _answered(half: Half, evalset: EvalSet, ask: Asker) -> Half:
    """The half with the answers to all questions."""
    known = {row.id for row in half.rows}
    if all(case.id in known for case in evalset.cases):
        return half
    return replace(half, rows=ask(half.solution, evalset).rows)


def _judged(halves: Halves, dev: EvalSet, metric: str) -> tuple[list[Judged], bool]:
    """The questions to choose by with what each half made of them, and whether they cost dollars."""
    tuned = {row.id: row for row in halves.tuned.rows if metric in row.metrics}
    found = {row.id: row for row in halves.retrieving.rows if metric in row.metrics}
    shared = [case for case in dev.cases if case.id in tuned and case.id in found]
    if not shared:
        raise DataError(
            f"no question to choose by has the score {metric} of both halves",
            where=dev.name,
            hint="surefoot evaluate EVALSET --solution NAME shows the scores of each",
        )
    dollars = any(row.usage.cost for row in (*tuned.values(), *found.values()))
    judged = [
        Judged(
            case.question,
            case.cluster or case.id,
            tuned[case.id].metrics[metric],
            found[case.id].metrics[metric],
            _cost(tuned[case.id], dollars=dollars),
            _cost(found[case.id], dollars=dollars),
        )
        for case in shared
    ]
    return judged, dollars


def _cost(row: Row, *, dollars: bool) -> float:
    return row.usage.cost if dollars else row.cpu_ms


def _means(judged: Sequence[Judged]) -> dict[Side, float]:
    return {
        "tuned": fmean(one.tuned for one in judged),
        "retrieving": fmean(one.retrieving for one in judged),
    }


def _promises(divided: Divided, judged: Sequence[Judged]) -> bool:
    """Whether it is better than the better half where it was learnt, or as good and cheaper than that."""
    means = _means(judged)
    best: Side = "tuned" if means["tuned"] > means["retrieving"] else "retrieving"
    costs = {
        "tuned": fmean(one.tuned_cost for one in judged),
        "retrieving": fmean(one.retrieving_cost for one in judged),
    }
    if divided.quality > means[best]:
        return True
    return divided.quality == means[best] and divided.cost < costs[best]
