"""Advice drawn from a comparison, and where it departs from the rule of thumb."""

from __future__ import annotations

from dataclasses import replace

from surefoot.optimize.advise.advice import NOTHING, Advice, Known, Step, advise, costs
from surefoot.optimize.advise.after import after_steps
from surefoot.optimize.advise.dimensions import measured_table
from surefoot.optimize.advise.forms import Form, path_of
from surefoot.optimize.advise.interview import AdviceLang, Answers
from surefoot.optimize.advise.reasons import reasons
from surefoot.optimize.advise.rule import rule
from surefoot.optimize.advise.saying import costs_said, evidence_said
from surefoot.optimize.advise.weighing import ARMS_OF, Evidence, weigh
from surefoot.optimize.advise.words import word
from surefoot.optimize.compare.result import Comparison, Method

__all__ = ["Evidence", "advise_measured"]


def advise_measured(
    comparison: Comparison, answers: Answers, lang: AdviceLang = "en", known: Known = NOTHING
) -> Advice:
    """The advice that a comparison leads to, given what was answered."""
    before = advise(answers, lang, known)
    needs = rule().needs(answers)
    evidence = weigh(comparison, before.form, needs)
    form = _form(before.form, evidence.chosen)
    table, departing = measured_table(comparison, lang)
    said = (*evidence_said(evidence, comparison, before.form, lang), *departing)
    evidence = replace(evidence, said=said)
    steps = after_steps(comparison, evidence)
    follows = "follows" if evidence.departs else "stands"
    summary = word(lang, f"evidence.{'confirmed' if evidence.standing == 'agrees' else follows}")
    return replace(
        before,
        path=path_of(form),
        form=form,
        title=word(lang, f"title.{form}"),
        summary=summary,
        reasons=reasons(form, needs, answers, lang) if form == before.form else (),
        costs=(*costs_said(comparison, evidence, lang), *costs(form, lang)[-1:]),
        mind=before.mind if form == before.form else (),
        changes=(
            *(() if evidence.departs else before.changes[:-1]),
            word(lang, "evidence.again"),
        ),
        steps=tuple(
            Step(word(lang, f"after.{name}", **fill), command) for name, fill, command in steps
        ),
        table=table,
        evidence=evidence,
    )


def _form(before: Form, chosen: Method | None) -> Form:
    """The form of the arm that is advised; that of the rule where it stands for it already."""
    if chosen is None or chosen in ARMS_OF[before]:
        return before
    return next(form for form, arms in ARMS_OF.items() if chosen in arms)
