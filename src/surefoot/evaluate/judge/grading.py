"""Grades a run by a judge model, corrected by people's labels where there are any.

A judge errs, and by how much is not known without labels. So its plain mean is called uncalibrated and decides
nothing; with labels the mean that people would give is estimated (prediction-powered inference), with an interval that
takes the errors of both, and the judge's agreement with them is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from surefoot.core.types import EvalCase, EvalSet, Score, Usage
from surefoot.evaluate.judge.agreement import kappa_score
from surefoot.evaluate.judge.asking import Asked, Judge, Verdict
from surefoot.evaluate.judge.labels import Label, fitting
from surefoot.evaluate.metrics import answer_lang, plain_answer
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.stats import ENOUGH_LABELS, judged_mean, mean_score

_HALF = 0.5

Asking = Literal["correct", "grounded"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the judge says what people say: the share of equal verdicts, and Cohen's kappa, chance taken off."""

    accuracy: Score
    kappa: Score


@dataclass(frozen=True, slots=True)
class Grades:
    """What a judge made of a run. `values` (0 to 1) are by question: how sure it is of a yes, where the engine tells
    that, else 1 or 0; a verdict that cannot be read is 0 and listed.

    `plain` is the judge's own mean; `corrected` the mean that people would give, None without labels: then the
    judge is uncalibrated. `other_labels` counts labels of other answers. `too_few` says that there are fewer labels
    than a correction needs to be leant on.
    """

    asked: Asking
    values: Mapping[str, float]
    plain: Score
    corrected: Score | None = None
    agreement: Agreement | None = None
    failures: tuple[Verdict, ...] = ()
    usage: Usage = Usage()
    other_labels: int = 0
    too_few: bool = False

    @property
    def calibrated(self) -> bool:
        """Whether labels stand behind the number."""
        return self.corrected is not None

    @property
    def score(self) -> Score:
        """The corrected mean where there is one, else the plain one."""
        return self.corrected or self.plain


def grade_correct(
    judge: Judge,
    evalset: EvalSet,
    rows: Sequence[Row],
    labels: Sequence[Label] = (),
    progress: Progress | None = None,
) -> Grades:
    """Whether each answer says what a gold answer says; refused and failed ones do not, and are not asked."""
    cases = {case.id: case for case in evalset.cases if case.answers}
    judged = [row for row in rows if row.id in cases]
    asked = [_correct(cases[row.id], row) for row in judged if _said(row)]
    verdicts = _verdicts(judge, asked, progress)
    return _graded("correct", judged, verdicts, labels)


def grade_grounded(
    judge: Judge,
    rows: Sequence[Row],
    passages: Mapping[str, Sequence[str]],
    labels: Sequence[Label] = (),
    progress: Progress | None = None,
) -> Grades:
    """Whether all of each answer stands in its passages (texts by question); only what was answered is judged."""
    judged = [row for row in rows if _said(row) and passages.get(row.id)]
    asked = [
        Asked(
            row.id,
            "judge/grounded",
            "zh" if row.lang == "zh" else "en",
            {"passages": "\n".join(passages[row.id]), "answer": _said(row)},
        )
        for row in judged
    ]
    return _graded("grounded", judged, _verdicts(judge, asked, progress), labels)


def _correct(case: EvalCase, row: Row) -> Asked:
    values = {
        "question": case.question,
        "gold": " / ".join(dict.fromkeys(case.answers)),
        "answer": _said(row),
    }
    return Asked(row.id, "judge/correct", answer_lang(case), values)


def _said(row: Row) -> str:
    return plain_answer(row.answer).strip() if row.answer and not row.refused else ""


def _verdicts(judge: Judge, asked: Sequence[Asked], progress: Progress | None) -> list[Verdict]:
    found = []
    for verdict in judge.yes_or_no(asked):
        found.append(verdict)
        if progress:
            progress(len(found), len(asked))
    return found


def _graded(
    asked: Asking, rows: Sequence[Row], verdicts: Sequence[Verdict], labels: Sequence[Label]
) -> Grades:
    said = {verdict.id: verdict.yes for verdict in verdicts}
    values = {row.id: said.get(row.id, 0.0) for row in rows}
    groups = {row.id: row.cluster for row in rows}
    metric = f"judge_{asked}"
    known = fitting(labels, rows)
    usage = sum((verdict.usage for verdict in verdicts), Usage())
    plain = mean_score(metric, list(values.values()), clusters=list(groups.values()))
    failures = tuple(verdict for verdict in verdicts if verdict.failure)
    if not known.right:
        return Grades(
            asked, values, plain, failures=failures, usage=usage, other_labels=known.others
        )
    judged = [values[key] for key in known.right]
    human = list(known.right.values())
    own = [groups[key] for key in known.right]
    corrected = judged_mean(
        list(values.values()),
        judged,
        human,
        metric=metric,
        clusters=list(groups.values()),
        labelled_clusters=own,
    )
    decided = [float(value > _HALF) for value in judged]
    same = [float(one == other) for one, other in zip(decided, human, strict=True)]
    agreement = Agreement(
        mean_score("agreement", same, clusters=own), kappa_score(decided, human, clusters=own)
    )
    few = len(human) < ENOUGH_LABELS
    return Grades(asked, values, plain, corrected, agreement, failures, usage, known.others, few)
