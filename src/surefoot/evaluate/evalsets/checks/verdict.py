"""Runs the checks over an eval set and grades it in a word, with the reasons."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

from surefoot.core.roles import Call
from surefoot.core.types import EvalCase, EvalSet, Hit, Query, Score
from surefoot.evaluate.evalsets.checks.base import Check, Find, Finding, Ground
from surefoot.evaluate.evalsets.checks.copies import copies
from surefoot.evaluate.evalsets.checks.labels import labels
from surefoot.evaluate.evalsets.checks.overlap import leakage
from surefoot.evaluate.evalsets.checks.rivals import false_negatives, is_searched
from surefoot.evaluate.evalsets.checks.sizes import sizes
from surefoot.evaluate.evalsets.library import Library
from surefoot.run.workspace import Workspace

Grade = Literal["good", "usable", "weak", "broken"]
CHECKS: tuple[Check, ...] = (labels, copies, leakage, false_negatives, sizes)

_BROKEN = 0.1  # share of cases with something wrong
_WEAK = 0.03
_DOUBTFUL = 0.1  # share of cases with something doubtful from which a set is no better than weak
_LOOKED_AT = 10  # hits of a search
_WEIGHTS = ("wrong", "doubtful", "note")


@dataclass(frozen=True, slots=True)
class Checked:
    """A graded set: `reasons` say why it is not graded better, `left_out` what was not looked at."""

    name: str
    digest: str
    questions: int
    grade: Grade
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]
    scores: tuple[Score, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Means:
    """What a set is checked with: the documents, a search, how many questions it is asked, the difference hoped for."""

    library: Library | None = None
    find: Find | None = None
    searches: int = 200
    hoped: float = 0.05
    seed: int = 0


def check_evalset(
    evalset: EvalSet,
    means: Means = Means(),
    progress: Callable[[int, int], None] | None = None,
) -> Checked:
    """Every finding, the gravest first, and a grade. No model runs but in the search that `means` gives."""
    drawn = _drawn(evalset.cases, means)
    find = _told(means.find, len(drawn), progress) if means.find and progress else means.find
    ground = Ground(evalset, means.library, find, drawn, means.hoped)
    said = [check(ground) for check in CHECKS]
    findings = sorted(
        (finding for one in said for finding in one.findings),
        key=lambda finding: _WEIGHTS.index(finding.weight),
    )
    grade, reasons = _graded(findings, len(evalset.cases))
    return Checked(
        name=evalset.name,
        digest=evalset.digest,
        questions=len(evalset.cases),
        grade=grade,
        reasons=tuple(reasons),
        findings=tuple(findings),
        scores=tuple(score for one in said for score in one.scores),
        left_out=tuple(words for one in said for words in one.left_out),
    )


def check_workspace(
    space: Workspace,
    evalset: EvalSet,
    *,
    searches: int = 200,
    hoped: float = 0.05,
    progress: Callable[[int, int], None] | None = None,
) -> Checked:
    """Checks the set against the workspace's documents, asking its own search so many of the questions."""

    def find(case: EvalCase) -> Sequence[Hit]:
        query = Query(text=case.question, lang=case.lang, filter=case.filter)
        return space.run(query, Call(limit=_LOOKED_AT), answer=False).turn.hits[:_LOOKED_AT]

    library = Library.of_index(space.resources.index())
    return check_evalset(evalset, Means(library, find, searches, hoped), progress)


def _graded(findings: Sequence[Finding], n: int) -> tuple[Grade, list[str]]:
    wrong = {name for one in findings if one.weight == "wrong" for name in one.cases}
    doubtful = {
        name
        for one in findings
        if one.weight == "doubtful" and one.check != "leakage"
        for name in one.cases
    }
    reasons = [f"{len(wrong)} of {n} questions have something wrong"] if wrong else []
    reasons += [one.message for one in findings if one.weight == "doubtful"]
    torn = any(one.check == "torn clusters" for one in findings)
    if torn or len(wrong) >= _BROKEN * n:
        return "broken", reasons
    leaks = any(
        one.check in ("leakage", "size", "human share")
        for one in findings
        if one.weight == "doubtful"
    )
    if len(wrong) >= _WEAK * n or len(doubtful) >= _DOUBTFUL * n or leaks:
        return "weak", reasons
    return ("usable", reasons) if reasons else ("good", [])


def _drawn(cases: Sequence[EvalCase], means: Means) -> tuple[EvalCase, ...]:
    """The cases that are searched for, drawn by the seed, in order."""
    able = [place for place, case in enumerate(cases) if is_searched(case)]
    if len(able) > means.searches:
        able = sorted(random.Random(means.seed).sample(able, means.searches))
    return tuple(cases[place] for place in able)


def _told(find: Find, total: int, progress: Callable[[int, int], None]) -> Find:
    done = count(1)

    def told(case: EvalCase) -> Sequence[Hit]:
        hits = find(case)
        progress(next(done), total)
        return hits

    return told
