"""What an eval set asks of answers, and the one metric by which solutions are compared on it. Measures nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from surefoot.core.errors import ConfigError
from surefoot.core.types import EvalCase, EvalSet, Task
from surefoot.evaluate.metrics.answers import answer_lang, tokens
from surefoot.evaluate.metrics.forms import asks_form, check_form, has_slots
from surefoot.evaluate.metrics.keywords import are_keywords
from surefoot.evaluate.metrics.sourced import is_sourced
from surefoot.evaluate.metrics.spans import located

Judged = Literal["documents", "evidence", "answer"]
"""What of a solution is judged: the documents found, what of the evidence so many tokens hold, the answer."""

EVIDENCE_TOKENS = (500, 1000)
_LONG = {
    "en": 6,
    "zh": 12,
    "other": 6,
}  # tokens from which a gold answer is hardly repeated word for word
_OF_TASK: Mapping[Task, str] = {
    "summarise": "rouge_l",
    "translate": "chrf",
    "classify": "accuracy",
}


@dataclass(frozen=True, slots=True)
class Standard:
    """What every question of a set is held to: its task, and the labels where the task is to choose one.

    `keywords` says that answers are lists of keywords.
    """

    task: Task = "qa"
    labels: tuple[str, ...] = ()
    keywords: bool = False

    @staticmethod
    def of(evalset: EvalSet) -> Standard:
        """That of an eval set: its labels are those that a case's `meta.labels` names, else all gold answers.

        Raises:
            ConfigError: the form that a case asks for cannot be read.
        """
        if evalset.task == "format":
            for case in evalset.cases:
                check_form(case)
            return Standard("format", keywords=asks_keywords(evalset.cases))
        if evalset.task != "classify":
            return Standard(evalset.task)
        named = [str(label) for case in evalset.cases for label in case.meta.get("labels", ())]
        gold = [answer for case in evalset.cases for answer in case.answers]
        return Standard(evalset.task, tuple(sorted(set(named or gold))))


def headline(task: Task, judged: Collection[Judged], cases: Sequence[EvalCase] = ()) -> str:
    """The one metric to compare solutions by: of the answer where the cases have gold for it, else of the search.

    It applies to a question whatever a solution does with it, so that all solutions are compared on the same
    questions. Without cases it is the task's first choice.

    Raises:
        ConfigError: the cases have no gold for anything that is judged.
    """
    if "answer" in judged and (found := _of_answers(task, cases)):
        return found
    if "documents" in judged and (found := _of_search(judged, cases)):
        return found
    if "answer" in judged and len({case.answerable for case in cases}) > 1:
        return "answered_or_refused"
    raise ConfigError(
        "no question has gold by which the solution could be judged",
        hint="name relevant documents or answers, or questions that cannot be answered",
    )


def _of_answers(task: Task, cases: Sequence[EvalCase]) -> str:
    gold = [case for case in cases if case.answers]
    if task == "format":
        return _of_forms(cases)
    if cases and not gold:
        return ""
    if task != "qa":
        return _OF_TASK[task]
    return "f1_or_refusal" if gold and _is_long(gold) else "right_or_refusal"


def asks_keywords(cases: Sequence[EvalCase]) -> bool:
    """Whether the answers of a set of the task `format` are lists of keywords, not pairs or a form of another kind."""
    if any(has_slots(case.answers) or asks_form(case) for case in cases):
        return False
    return are_keywords(cases)


def _of_forms(cases: Sequence[EvalCase]) -> str:
    if any(is_sourced(case.answers) for case in cases):
        return "joint" if all(case.answerable for case in cases) else "joint_or_refusal"
    if not cases or any(has_slots(case.answers) for case in cases):
        return "slot_f1"
    if asks_keywords(cases):
        return "keyword_f1"
    if any(asks_form(case) for case in cases):
        return "format_valid"
    return "exact_match" if any(case.answers for case in cases) else ""


def _of_search(judged: Collection[Judged], cases: Sequence[EvalCase]) -> str:
    relevant = [case for case in cases if any(grade > 0 for grade in case.relevant.values())]
    if "evidence" in judged and relevant and all(located(case) for case in relevant):
        return f"evidence@{EVIDENCE_TOKENS[-1]}"
    return "ndcg@10" if relevant or not cases else ""


def _is_long(cases: Sequence[EvalCase]) -> bool:
    """Whether gold answers are mostly longer than a name, a number or a phrase."""
    over = []
    for case in cases:
        lang = answer_lang(case)
        over.append(min(len(tokens(answer, lang)) for answer in case.answers) / _LONG[lang])
    return median(over) > 1
