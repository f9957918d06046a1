"""Why: one reason for each answer that led to the advice, in the words of the reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from surefoot.optimize.advise.forms import Form, path_of
from surefoot.optimize.advise.interview import AdviceLang, Answers, interview
from surefoot.optimize.advise.rule import Needs, rule
from surefoot.optimize.advise.words import word


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason and the answer it rests on. `answer` is empty where the question was left open."""

    key: str
    asked: str
    answer: str
    text: str


def reasons(form: Form, needs: Needs, answers: Answers, lang: AdviceLang) -> tuple[Reason, ...]:
    """The reasons, those that call for something first, then those that call for nothing."""
    found = [
        _reason(key, variant, answers, lang) for key, variant in _variants(form, needs, answers)
    ]
    return tuple(found)


def _variants(form: Form, needs: Needs, answers: Answers) -> list[tuple[str, str]]:
    """Key and variant of each reason that bears on this form."""
    calling = [*_for_retrieval(needs, answers), *_for_training(form, needs, answers)]
    return [*calling, *_against(form, needs, answers)]


def _for_retrieval(needs: Needs, answers: Answers) -> Iterator[tuple[str, str]]:
    if needs.knowledge:
        yield "knowledge", "assumed" if "knowledge" in needs.assumed else "yes"
    if needs.traceable:
        yield "traceable", "yes"
    if needs.changes and answers.changes is not None:
        yield "changes", answers.changes
    if needs.hallucination:
        yield "hallucination", answers.hallucination or "assumed"


def _for_training(form: Form, needs: Needs, answers: Answers) -> Iterator[tuple[str, str]]:
    if not needs.behaviour:
        return
    yield "behaviour", "yes"
    if path_of(form) in ("tune", "both"):
        yield "labelled", "yes"
    elif answers.labelled is None:
        yield "labelled", "assumed"
    else:
        yield "labelled", "few" if answers.labelled else "none"


def _against(form: Form, needs: Needs, answers: Answers) -> Iterator[tuple[str, str]]:
    searching = path_of(form) in ("rag", "both")
    if not needs.behaviour and answers.behaviour is not None:
        yield "behaviour", "no"
        if answers.labelled:
            yield "labelled", "test"
    if searching:
        return
    if answers.knowledge is False:
        yield "knowledge", "no"
    if answers.hallucination is not None:
        yield "hallucination", "low"
    if form == "tune" and answers.changes is not None:
        yield "changes", "low"
    if answers.traceable is False:
        yield "traceable", "no"


def _reason(key: str, variant: str, answers: Answers, lang: AdviceLang) -> Reason:
    question, value = interview().question(key), getattr(answers, key)
    fill = {"plenty": f"{rule().plenty:,}"}
    if key == "labelled" and value is not None:
        fill["n"] = f"{value:,}"
    text = word(lang, f"reason.{key}.{variant}", **fill)
    said = "" if value is None else question.answer_said(value, lang)
    return Reason(key, question.short[lang], said, text)
