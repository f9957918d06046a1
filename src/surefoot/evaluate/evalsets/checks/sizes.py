"""Whether there are enough questions, of each kind, for what one wants to see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from surefoot.core.types import EvalCase, Score
from surefoot.evaluate.evalsets.checks.base import Finding, Gathered, Ground, Said
from surefoot.evaluate.evalsets.contents import is_human
from surefoot.evaluate.stats import (
    design_effect,
    mean_score,
    questions_needed,
    smallest_difference,
)

_FEW = 30
_HUMAN = 0.5


def sizes(ground: Ground) -> Said:
    """Questions against the difference hoped for, strata that are too small, and how many people asked."""
    cases = ground.evalset.cases
    human = mean_score("human_share", [float(is_human(case)) for case in cases])
    findings = [*_power(ground), *_strata(cases), *_kinds(cases, human)]
    return Said(tuple(findings), (human,))


def _power(ground: Ground) -> Iterator[Finding]:
    cases, hoped = ground.evalset.cases, ground.hoped
    held = [case for case in cases if case.split == "holdout"]
    counted = held or cases
    which = "holdout" if held else "whole set"
    clusters = [case.cluster or case.id for case in counted]
    groups, effect = len(set(clusters)), design_effect(clusters)
    seen = min(1.0, smallest_difference(len(counted), effect=effect))
    needed = questions_needed(hoped, effect=effect)
    message = (
        f"{len(counted)} questions ({which}) in {groups} clusters show differences from"
        f" {100 * seen:.0f} points on; {100 * hoped:g} points take {needed}"
    )
    if len(counted) < needed:
        yield Finding(
            "size",
            "doubtful" if seen > 2 * hoped else "note",
            message,
            f"add {needed - len(counted)} questions, or look for bigger differences; questions on other documents"
            " count for more than more on the same",
        )


def _strata(cases: Sequence[EvalCase]) -> Iterator[Finding]:
    counts = Counter[str]()
    for case in cases:
        counts[f"language {case.lang}"] += 1
        counts["answerable" if case.answerable else "unanswerable"] += 1
        counts.update(f"tag {tag}" for tag in case.tags)
    small = {name: n for name, n in counts.items() if n < _FEW}
    if small and len(cases) >= _FEW:
        told = ", ".join(f"{name} ({n})" for name, n in sorted(small.items()))
        yield Finding(
            "strata",
            "note",
            f"too few questions to say anything of them alone: {told}",
            f"at least {_FEW} of each kind that you want to read a score of",
        )


def _kinds(cases: Sequence[EvalCase], human: Score) -> Iterator[Finding]:
    if human.value < _HUMAN:
        made = Gathered()
        made.add(*(case.id for case in cases if not is_human(case)))
        yield from made.finding(
            "human share",
            "doubtful" if human.value == 0 else "note",
            f"{human.value:.0%} of the questions were asked or reviewed by people",
            "made questions rank ways to search as people's do, but not models or methods: review some in"
            " surefoot evalset review, or import questions from real use (--source log) before you choose those",
        )
    if all(case.answerable for case in cases):
        yield Finding(
            "no unanswerable",
            "note",
            "every question is answerable, so refusals are not measured",
            "add questions that the documents do not answer, with answerable = false",
        )
