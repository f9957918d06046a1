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
    found = [
        Step(word(lang, f"after.{name}", **fill), command)
        for name, fill, command in after_steps(comparison, evidence)
    ]
    return replace(
        before,
        path=path_of(form),
        form=form,
        title=word(lang, f"title.{form}"),
        summary=word(lang, f"evidence.{_summary(evidence)}"),
        reasons=reasons(form, needs, answers, lang) if form == before.form else (),
        costs=(*costs_said(comparison, evidence, lang), *costs(form, lang)[-1:]),
        mind=before.mind if form == before.form else (),
        changes=(
            *(before.changes[:-1] if form == before.form else ()),
            word(lang, "evidence.again"),
        ),
        steps=(*found, *(before.steps if evidence.standing == "unmeasured" else ())),
        table=table,
        evidence=evidence,
    )


def _form(before: Form, chosen: Method | None) -> Form:
    """The form of the arm that is advised; that of the rule where it stands for it already."""
    if chosen is None or chosen in ARMS_OF[before]:
        return before
    return next(form for form, arms in ARMS_OF.items() if chosen in arms)


def _summary(evidence: Evidence) -> str:
    if evidence.standing == "agrees":
        return "confirmed"
    if evidence.departs:
        return "follows"
    return "stands" if evidence.chosen == evidence.prior or evidence.prior is None else "thrifty"
