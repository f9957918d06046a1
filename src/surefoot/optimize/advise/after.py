"""What to do after a comparison: answer the open question, try a hybrid, put the measured solution to use."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean

from surefoot.optimize.advise.weighing import Evidence
from surefoot.optimize.compare.result import Comparison, Method

_OPEN_SHARE = 0.1
"""Share of the questions that each half must win for a hybrid to be worth building."""
_PRACTICAL = 2000
"""Questions that somebody may still be told to add."""


def after_steps(
    comparison: Comparison, evidence: Evidence
) -> list[tuple[str, dict[str, object], str]]:
    """Name, blanks and command of each step."""
    found: list[tuple[str, dict[str, object], str]] = []
    if evidence.standing == "open":
        found += _measure_more(comparison, evidence)
    if halves_pay(comparison):
        found.append(("hybrid", {}, f"surefoot hybrid build --compare {comparison.id}"))
    if evidence.chosen is not None:
        file = Path(".surefoot/compare") / comparison.id / comparison.of(evidence.chosen)[0].file
        found.append(("ask", {}, f'surefoot ask --solution {file.as_posix()} "QUESTION"'))
    return found


def halves_pay(comparison: Comparison) -> bool:
    """Whether a closed-book trained method and one that searches each win a share of the same questions."""
    tuned = _best(comparison, ("lora", "full"))
    found = _best(comparison, ("rag", "lora+rag", "full+rag"))
    if tuned is None or found is None:
        return False
    one, two = _values(comparison, tuned), _values(comparison, found)
    shared = sorted(one.keys() & two.keys())
    if not shared:
        return False
    won = sum(one[key] > two[key] for key in shared)
    lost = sum(one[key] < two[key] for key in shared)
    return min(won, lost) / len(shared) >= _OPEN_SHARE


def _measure_more(
    comparison: Comparison, evidence: Evidence
) -> list[tuple[str, dict[str, object], str]]:
    again = comparison.command or f"surefoot compare --evalset {comparison.evalset}"
    if evidence.needed is None or evidence.needed > _PRACTICAL:
        return []
    wanted = comparison.n + evidence.needed
    more = f"surefoot evalset create {comparison.evalset}-more -n {wanted}"
    return [("questions", {"n": f"{evidence.needed:,}"}, more), ("again", {}, again)]


def _best(comparison: Comparison, methods: tuple[Method, ...]) -> Method | None:
    means = {one.method: one.score.value for one in comparison.joined if one.method in methods}
    return max(means, key=lambda method: means[method], default=None)


def _values(comparison: Comparison, method: Method) -> dict[str, float]:
    """By question, the mean of the method's seeds."""
    rows = [
        {
            row.id: row.metrics[comparison.metric]
            for row in arm.evaluation.rows
            if comparison.metric in row.metrics
        }
        for arm in comparison.of(method)
    ]
    shared = set.intersection(*(set(one) for one in rows)) if rows else set()
    return {key: fmean(one[key] for one in rows) for key in shared}
