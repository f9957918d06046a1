"""How often an arm says what is not so. One definition for all arms, whether they read documents or not.

A question counts as hallucinated where the arm answered although the documents do not answer it, or where it answered
and no gold answer stands in what it said. A refusal is never one; an error is no answer. For pairs taken out of a text
it is a value that stands neither in gold nor in the text. What cannot be told right from wrong, such as a summary or
keywords, has no rate. Whether an answer is *grounded* can be told of arms with passages only, so it stands beside the
rate and does not count in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from surefoot.core.lang import fold
from surefoot.core.types import EvalCase, Score
from surefoot.evaluate.metrics.forms import has_slots, slots
from surefoot.evaluate.scoring import Row, mean_of
from surefoot.evaluate.stats import mean_score

HALLUCINATION: Final = "hallucination"
"""The share of all questions on which something untrue was said."""
REFUSED_RIGHTLY: Final = "refused_rightly"
"""The share of unanswerable questions that were refused."""
REFUSED_WRONGLY: Final = "refused_wrongly"
"""The share of answerable questions that were refused; one that failed is not."""
UNGROUNDED: Final = "ungrounded"
"""The share of the answer's sentences that no passage supports, for arms with passages."""

_RIGHT = ("answer_contains", "contains_gold", "numeric_match", "accuracy")


def truth_scores(
    cases: Mapping[str, EvalCase], rows: Sequence[Row], *, seed: int = 0
) -> dict[str, Score]:
    """Hallucination and refusals of an arm; those of which the questions allow none are left out."""
    said = [(row, value) for row in rows if (value := untrue(cases.get(row.id), row)) is not None]
    kinds = {
        HALLUCINATION: said,
        REFUSED_RIGHTLY: [(row, float(row.refused)) for row in rows if not row.answerable],
        REFUSED_WRONGLY: [(row, float(row.refused)) for row in rows if row.answerable],
    }
    found = {
        name: mean_score(
            name,
            [value for _, value in pairs],
            clusters=[row.cluster for row, _ in pairs],
            seed=seed,
        )
        for name, pairs in kinds.items()
        if pairs
    }
    grounded = mean_of("groundedness", rows, seed=seed)
    if grounded.n:
        found[UNGROUNDED] = replace(
            grounded,
            metric=UNGROUNDED,
            value=1 - grounded.value,
            low=1 - grounded.high,
            high=1 - grounded.low,
        )
    return found


def untrue(case: EvalCase | None, row: Row) -> float | None:
    """1 where something untrue was said, 0 where not; None where nobody can tell."""
    answered = not row.refused and row.failure is None and row.answer is not None
    if not row.answerable:
        return float(answered)
    right = [row.metrics[name] for name in _RIGHT if name in row.metrics]
    if right:
        return float(answered and max(right) == 0.0)
    if case is not None and has_slots(case.answers):
        return float(answered and any(_invented(case, row.answer or "")))
    return None


def _invented(case: EvalCase, text: str) -> Iterator[bool]:
    """Of each value said, whether it stands neither in gold nor in the question; yes and no are no names."""
    known = {value for answer in case.answers for _, value in slots(answer)}
    asked = fold(case.question)
    for _, value in slots(text):
        yield value not in known and value not in asked and value not in ("yes", "no", "是", "否")
