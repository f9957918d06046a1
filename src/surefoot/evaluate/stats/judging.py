"""A judge model's mean, put right by a few human labels (prediction-powered inference, Angelopoulos 2023)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from surefoot.core.types import Score
from surefoot.evaluate.stats.clusters import Numbers, grouped
from surefoot.evaluate.stats.intervals import LEVEL, mean_score
from surefoot.evaluate.stats.student import student_quantile

ENOUGH_LABELS = 150
"""Below this the correction itself is too unsure to lean on (ARES; reference: docs/reading-a-verdict.md)."""


def judged_mean(
    judge_all: Sequence[float],
    judge_labelled: Sequence[float],
    human_labelled: Sequence[float],
    *,
    metric: str = "judged",
    clusters: Sequence[str] = (),
    labelled_clusters: Sequence[str] = (),
) -> Score:
    """The mean that people would give, from a judge of all questions and people's labels of some of them.

    `judge_all` has every question, the labelled ones among them; the other two have the labelled ones in one order.
    The estimate is the labels' mean plus the judge's difference between all and labelled, weighted by how far the
    judge follows people (PPI++): a useless judge changes nothing, a good one narrows the interval, which takes both
    variances. `n` counts the labels; below `ENOUGH_LABELS` do not lean on it.

    Raises:
        ValueError: the labelled two differ in length, or more are labelled than judged.
    """
    everything, judged = np.asarray(judge_all, float), np.asarray(judge_labelled, float)
    human = np.asarray(human_labelled, float)
    if judged.size != human.size:
        raise ValueError(f"{judged.size} judged and {human.size} labelled values are not pairs")
    if judged.size > everything.size:
        raise ValueError(f"{judged.size} labels for {everything.size} judged questions")
    if human.size < 2 or human.size == everything.size:
        return mean_score(metric, human.tolist(), clusters=labelled_clusters)
    weight = _weight(everything, judged, human)
    if not weight:  # a judge that says nothing: labels that all agree still leave room for doubt
        return mean_score(metric, human.tolist(), clusters=labelled_clusters)
    value = float(human.mean() + weight * (everything.mean() - judged.mean()))
    parts = _Parts(everything, judged, human, weight)
    if any(clusters) and any(labelled_clusters):
        variance, freedom = _clustered(parts, clusters, labelled_clusters)
    else:
        variance, freedom = _alone(parts)
    half = student_quantile((1 + LEVEL) / 2, freedom) * sqrt(variance)
    return Score(metric, value, value - half, value + half, human.size)


def agreement(judge_labelled: Sequence[float], human_labelled: Sequence[float]) -> float:
    """The correlation of judge and people over the labelled questions; 0 where either always says the same."""
    judged, human = np.asarray(judge_labelled, float), np.asarray(human_labelled, float)
    if judged.size < 2 or not judged.std() or not human.std():
        return 0.0
    return float(np.corrcoef(judged, human)[0, 1])


@dataclass(frozen=True, slots=True)
class _Parts:
    everything: Numbers
    judged: Numbers
    human: Numbers
    weight: float


def _weight(everything: Numbers, judged: Numbers, human: Numbers) -> float:
    """The weight that makes the variance least: the slope of people on the judge, kept within 0 to 1."""
    varied = float(everything.var())
    if not varied:
        return 0.0
    together = float(((judged - judged.mean()) * (human - human.mean())).sum() / (judged.size - 1))
    return min(1.0, max(0.0, together / varied))


def _alone(parts: _Parts) -> tuple[float, float]:
    """Variance where questions stand alone: the unlabelled judged ones, and what the labels leave over."""
    labelled, whole = parts.human.size, parts.everything.size
    others = whole - labelled
    share = parts.weight * others / whole
    rests = parts.human - share * parts.judged
    variance = share**2 * float(parts.everything.var(ddof=1)) / others
    return variance + float(rests.var(ddof=1)) / labelled, labelled - 1.0


def _clustered(
    parts: _Parts, clusters: Sequence[str], labelled_clusters: Sequence[str]
) -> tuple[float, float]:
    """Variance between clusters, each with what all its questions and its labelled ones add to the estimate."""
    whole, labelled = parts.everything.size, parts.human.size
    names = [*clusters, *labelled_clusters]
    groups = grouped(names, whole + labelled)
    rests = (parts.human - parts.human.mean()) - parts.weight * (parts.judged - parts.judged.mean())
    pulls = np.concatenate(
        [parts.weight * (parts.everything - parts.everything.mean()) / whole, rests / labelled]
    )
    totals = groups.totals(pulls)
    count = groups.sizes.size
    effective = grouped(labelled_clusters, labelled).effective
    return float((totals**2).sum()) * count / (count - 1), max(1.0, effective - 1)
