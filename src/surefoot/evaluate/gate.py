"""Whether a change may go in: the same questions before and after, and a verdict that a build can act on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import ValidationError

from surefoot.core.errors import ConfigError, DataError
from surefoot.core.types import Score
from surefoot.evaluate.rows import row_from_plain, shared_rows
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.stats import paired_difference, too_few
from surefoot.evaluate.stats.clusters import grouped
from surefoot.evaluate.stats.sayings import Language, needed_text
from surefoot.evaluate.stats.verdicts import more_questions

EXIT_WORSE = 4
MARGIN = 0.02

Outcome = Literal["passed", "worse", "cannot tell"]


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gate says of a run beside its baseline.

    `difference` is the run minus the baseline with its 95 % interval, paired by question and clustered by document.
    `passed`: its lower bound is above -margin; `worse`: its upper bound is below 0; else `cannot tell`, and `needed`
    says how many more questions would tell in four of five runs. `fails` is what a build stops for.
    """

    metric: str
    outcome: Outcome
    baseline: float
    now: float
    difference: Score
    margin: float
    strict: bool
    fails: bool
    needed: int | None
    few: bool
    lost: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def gate(
    baseline: Sequence[Row],
    now: Sequence[Row],
    metric: str,
    *,
    margin: float = MARGIN,
    strict: bool = False,
) -> Gate:
    """Compares two runs over the questions that both were asked; `lost` names those that score less than before.

    With `strict` it also fails where it cannot tell. A loss that is proven but surely smaller than the margin passes.

    Raises:
        ConfigError: the margin is below 0, or neither run has the metric.
        DataError: the two have no question in common.
    """
    if margin < 0:
        raise ConfigError(f"a margin of {margin:g} is below 0", where="--margin", hint="try 0.02")
    pairs = _pairs(baseline, now, metric)
    first = np.array([one.metrics[metric] for one, _ in pairs])
    second = np.array([two.metrics[metric] for _, two in pairs])
    clusters = [two.cluster for _, two in pairs]
    found = paired_difference(metric, first.tolist(), second.tolist(), clusters=clusters)
    outcome = _outcome(found, margin)
    distance = max(found.value + margin, -found.value)
    groups = grouped(clusters, len(pairs))
    lost = (two.id for (_, two), gap in zip(pairs, second - first, strict=True) if gap < 0)
    return Gate(
        metric=metric,
        outcome=outcome,
        baseline=float(first.mean()),
        now=float(second.mean()),
        difference=found,
        margin=margin,
        strict=strict,
        fails=outcome == "worse" or (strict and outcome != "passed"),
        needed=more_questions(second - first, groups, distance)
        if outcome == "cannot tell"
        else None,
        few=too_few(len(pairs), clusters),
        lost=tuple(lost),
        notes=tuple(_notes(baseline, now, len(pairs), metric)),
    )


def gate_text(found: Gate, lang: Language = "en") -> str:
    """The outcome in one line, in English or Chinese."""
    gap = found.difference
    seen = f"{gap.value:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]"
    if lang == "zh":
        return {
            "passed": f"通过：{found.metric} 没有下降超过 {found.margin:g}：{seen}，{gap.n} 个问题",
            "worse": f"变差：{found.metric} {seen}，{gap.n} 个问题",
            "cannot tell": f"无法判断：{found.metric} {seen}，{gap.n} 个问题；{needed_text(found.needed, 'zh')}",
        }[found.outcome]
    return {
        "passed": f"passed: {found.metric} did not fall by more than {found.margin:g}: {seen}, n = {gap.n}",
        "worse": f"worse: {found.metric} {seen}, n = {gap.n}",
        "cannot tell": f"cannot tell: {found.metric} {seen}, n = {gap.n}; {_needs(found.needed)}",
    }[found.outcome]


def read_rows(path: Path) -> tuple[Row, ...]:
    """The questions of a run that `surefoot evaluate --json` wrote to a file.

    Raises:
        DataError: the file holds no such run.
    """
    hint = "write one with: surefoot evaluate EVALSET --json > baseline.json"
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        return tuple(row_from_plain(row) for row in plain["rows"])
    except (ValueError, KeyError, TypeError, ValidationError) as problem:
        raise DataError(
            "this is no run of surefoot evaluate", where=str(path), hint=hint
        ) from problem


def _pairs(baseline: Sequence[Row], now: Sequence[Row], metric: str) -> list[tuple[Row, Row]]:
    shared = shared_rows(baseline, now)
    if not shared:
        raise DataError(
            "the baseline asked none of these questions",
            hint="take a baseline of the same eval set; surefoot runs list shows them",
        )
    pairs = [(one, two) for one, two in shared if metric in one.metrics and metric in two.metrics]
    if not pairs:
        known = sorted({name for one, two in shared for name in one.metrics.keys() & two.metrics})
        raise ConfigError(
            f"there is no metric {metric!r} in both runs",
            where="--metric",
            hint=f"known: {', '.join(known)}",
        )
    return pairs


def _outcome(found: Score, margin: float) -> Outcome:
    if found.low > -margin:
        return "passed"
    return "worse" if found.high < 0 else "cannot tell"


def _needs(needed: int | None) -> str:
    if needed is None:
        return needed_text(None)
    return f"needs {needed} more {'question' if needed == 1 else 'questions'}"


def _notes(baseline: Sequence[Row], now: Sequence[Row], shared: int, metric: str) -> list[str]:
    found = []
    most = max(sum(metric in row.metrics for row in rows) for rows in (baseline, now))
    if shared < most:
        found.append(f"only over the {shared} questions that both runs were asked, of {most}")
    failures = sum(row.failure is not None for row in now)
    if failures:
        found.append(f"{failures} questions failed and count as wrong")
    return found
