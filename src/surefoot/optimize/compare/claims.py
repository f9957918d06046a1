"""Claims stated beforehand, and whether the answers confirm them: each with its paired interval, corrected together.

A claim about a difference is confirmed where the whole 95 % interval lies on its side of the bound and the test, after
Holm's correction over all claims of the comparison, rules out the bound at 5 %; refuted where both speak the other way;
else it is not proven. A claim about a level is met where the measured value is, and refuted where the interval rules
that out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Literal

from surefoot.config.base import Settings
from surefoot.core.types import Score
from surefoot.evaluate.stats import holm
from surefoot.optimize.compare.joining import differences, join
from surefoot.optimize.compare.pooling import Kind, pooled, turned
from surefoot.optimize.compare.result import (
    SEARCHING,
    TRAINED,
    ArmResult,
    Comparison,
    Difference,
    Method,
)

ClaimKind = Literal["above", "within", "at_least", "at_most"]
Standing = Literal["confirmed", "refuted", "not proven"]

_ALPHA = 0.05
_FACTS = ("answer_f1", "token_f1")
_FORM = ("slot_f1", "keyword_f1", "chrf", "rouge_l")


class Claim(Settings):
    """A claim of data/claims.toml; `against` is empty for levels."""

    id: str
    kind: ClaimKind
    method: Method
    against: Method | Literal["others", ""] = ""
    metric: str
    bound: float
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Held:
    """What became of a claim. `score` is the difference or the level with its 95 % interval; `p` is corrected.

    `against` is the arm that decided; None for levels. `p` is None where nothing is tested.
    """

    claim: Claim
    standing: Standing
    metric: str
    score: Score
    against: Method | None = None
    p: float | None = None


@dataclass(frozen=True, slots=True)
class _Tested:
    """A difference before the correction: where it lies, and the p-value of its bound or bounds."""

    claim: Claim
    metric: str
    found: Difference
    p: float
    way: Literal["over", "under", "neither"]


@cache
def claims() -> tuple[Claim, ...]:
    """All that are stated."""
    file = resources.files("surefoot.optimize.compare") / "data" / "claims.toml"
    raw = tomllib.loads(file.read_text(encoding="utf-8"))["claim"]
    return tuple(Claim.model_validate(one) for one in raw)


def held_claims(comparison: Comparison, stated: Sequence[Claim] | None = None) -> tuple[Held, ...]:
    """Those that this comparison can speak of, in the order in which they are stated."""
    listed = claims() if stated is None else stated
    tested = [found for claim in listed if (found := _tested(comparison, claim))]
    corrected = holm([one.p for one in tested]) if tested else []
    decided = {one.claim.id: _decided(one, p) for one, p in zip(tested, corrected, strict=True)} | {
        claim.id: held for claim in listed if (held := _level(comparison, claim))
    }
    return tuple(decided[claim.id] for claim in listed if claim.id in decided)


def metric_of(comparison: Comparison, named: str) -> str:
    """The score that a claim's metric means here; empty where the questions have none such."""
    known = {name for arm in comparison.arms for row in arm.evaluation.rows for name in row.metrics}
    facts = next((name for name in _FACTS if name in known), "")
    if named == "facts":
        return facts
    if named == "form":
        return "" if facts else next((name for name in _FORM if name in known), "")
    levels = {name for arm in comparison.arms for name in arm.scores}
    return named if named in known | levels else ""


def gap(
    arms: Sequence[ArmResult], metric: str, pair: tuple[Method, Method], bound: float = 0.0
) -> Difference | None:
    """The first of the pair minus the second; None where they share no question.

    `kind` and `p` are about the bound: better is above it, worse below.
    """
    found = _between(arms, metric, pair)
    if found is None:
        return None
    # Moved by the bound, the test is exact, but an interval of few changes would lose what it knows of them.
    raised = [_raised(arm, metric, bound) if arm.method == pair[1] else arm for arm in arms]
    tested = _between(raised, metric, pair) if bound else found
    p = tested.p if tested else 1.0
    kind: Kind = "not proven"
    if p < _ALPHA and found.difference.low > bound:
        kind = "better"
    elif p < _ALPHA and found.difference.high < bound:
        kind = "worse"
    return replace(found, p=p, kind=kind)


def _between(
    arms: Sequence[ArmResult], metric: str, pair: tuple[Method, Method]
) -> Difference | None:
    """The first minus the second over the questions that both have."""
    found = differences([arm for arm in arms if arm.method in pair], metric)
    if not found or not found[0].difference.n:
        return None
    return found[0] if found[0].method == pair[0] else turned(found[0])


def _tested(comparison: Comparison, claim: Claim) -> _Tested | None:
    metric = metric_of(comparison, claim.metric)
    if not metric or not claim.against or not comparison.of(claim.method):
        return None
    rivals = _rivals(comparison, claim)
    tested = [
        one
        for rival in rivals
        if (one := _one_tested(comparison, claim, metric, rival)) is not None
    ]
    if not tested:
        return None
    # Over all of several, the claim is as weak as it is over the one that comes nearest.
    return max(tested, key=lambda one: (one.way != "over", one.p, -one.found.difference.value))


def _rivals(comparison: Comparison, claim: Claim) -> list[Method]:
    if claim.against == "others":
        read = TRAINED & SEARCHING
        return [method for method in comparison.methods if method not in read]
    return [method for method in comparison.methods if method == claim.against]


def _one_tested(comparison: Comparison, claim: Claim, metric: str, rival: Method) -> _Tested | None:
    pair = (claim.method, rival)
    over = gap(
        comparison.arms, metric, pair, claim.bound if claim.kind == "above" else -claim.bound
    )
    if over is None:
        return None
    if claim.kind == "above":
        way = {"better": "over", "worse": "under"}.get(over.kind, "neither")
        return _Tested(claim, metric, over, over.p, way)  # type: ignore[arg-type]
    under = gap(comparison.arms, metric, pair, claim.bound)
    if under is None:
        return None
    if over.kind == "better" and under.kind == "worse":
        return _Tested(claim, metric, over, max(over.p, under.p), "over")
    outside = [one for one, kind in ((over, "worse"), (under, "better")) if one.kind == kind]
    if outside:
        return _Tested(claim, metric, over, outside[0].p, "under")
    return _Tested(claim, metric, over, max(over.p, under.p), "neither")


def _decided(one: _Tested, p: float) -> Held:
    standing: Standing = "not proven"
    if p < _ALPHA and one.way != "neither":
        standing = "confirmed" if one.way == "over" else "refuted"
    found = one.found
    return Held(one.claim, standing, one.metric, found.difference, found.against, p)


def _level(comparison: Comparison, claim: Claim) -> Held | None:
    if claim.against:
        return None
    score = level_of(comparison.of(claim.method), claim.metric)
    if score is None:
        return None
    least = claim.kind == "at_least"
    met = score.value >= claim.bound if least else score.value <= claim.bound
    ruled_out = score.high < claim.bound if least else score.low > claim.bound
    standing: Standing = "confirmed" if met else "refuted" if ruled_out else "not proven"
    return Held(claim, standing, claim.metric, score)


def level_of(arms: Sequence[ArmResult], metric: str) -> Score | None:
    """A score of a method over its seeds; None where it was not measured."""
    scores = [score for arm in arms if (score := arm.scores.get(metric))]
    if scores and len(scores) == len(arms):
        return pooled(scores)
    joined = join(arms, metric) if arms else ()
    return joined[0].score if joined else None


def _raised(arm: ArmResult, metric: str, by: float) -> ArmResult:
    rows = tuple(
        replace(row, metrics={**row.metrics, metric: row.metrics[metric] + by})
        for row in arm.evaluation.rows
        if metric in row.metrics
    )
    return replace(arm, evaluation=replace(arm.evaluation, rows=rows))
