"""What is in an eval set, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from surefoot.core.types import EvalCase, EvalSet
from surefoot.evaluate.evalsets.splitting import hanging_together

HUMAN = ("human", "human-reviewed", "log", "feedback")
"""Sources of questions that people asked, or looked at one by one."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A set in numbers. `counts` gives, by kind of stratum, how many questions each has.

    `clusters` are groups that a split keeps whole; `spans` counts gold spans, of which `located` have a place.
    """

    name: str
    digest: str
    version: int
    parent: str
    task: str
    questions: int
    clusters: int
    documents: int
    spans: int
    located: int
    counts: Mapping[str, Mapping[str, int]]


def contents(evalset: EvalSet) -> Contents:
    """Counts the set's questions by language, answerability, source, split and tag."""
    cases = evalset.cases
    spans = [span for case in cases for span in case.gold]
    return Contents(
        name=evalset.name,
        digest=evalset.digest,
        version=evalset.version,
        parent=evalset.parent,
        task=evalset.task,
        questions=len(cases),
        clusters=len(set(hanging_together(evalset).values())),
        documents=len({name for case in cases for name, grade in case.relevant.items() if grade}),
        spans=len(spans),
        located=sum(span.start is not None for span in spans),
        counts={
            "language": _counted(case.lang for case in cases),
            "answerable": _counted("yes" if case.answerable else "no" for case in cases),
            "gold": _counted(map(gold_kind, cases)),
            "source": _counted(case.source for case in cases),
            "split": _counted(case.split or "none" for case in cases),
            "tag": _counted(tag for case in cases for tag in case.tags),
        },
    )


def gold_kind(case: EvalCase) -> str:
    """The finest thing that a case's gold names: a span, a document, an answer, nothing."""
    if not case.answerable:
        return "unanswerable"
    if case.gold:
        return "span"
    if any(grade > 0 for grade in case.relevant.values()):
        return "document"
    return "answer" if case.answers else "none"


def is_human(case: EvalCase) -> bool:
    """Whether a person asked the question, or looked at it."""
    return case.source.partition(":")[0] in HUMAN


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))
