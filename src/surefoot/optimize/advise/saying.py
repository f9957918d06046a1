"""What was measured, in words: scores, the verdict on the rule of thumb, and what the methods took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from surefoot.core.types import Score
from surefoot.evaluate.stats.sayings import needed_text
from surefoot.optimize.advise.forms import Form
from surefoot.optimize.advise.interview import AdviceLang
from surefoot.optimize.advise.weighing import ARMS_OF, Against, Evidence
from surefoot.optimize.advise.words import word
from surefoot.optimize.compare.figures import (
    bytes_text,
    count_text,
    gap_text,
    ms_text,
    score_text,
    seconds_text,
)
from surefoot.optimize.compare.result import Comparison, Method
from surefoot.optimize.compare.table import table_rows
from surefoot.optimize.compare.words import say


def evidence_said(
    evidence: Evidence, comparison: Comparison, form: Form, lang: AdviceLang
) -> tuple[str, ...]:
    """The scores, the verdict on the rule's advice for this form, and what a reader must know with it."""
    scores = [
        word(
            lang,
            "evidence.score",
            arm=arm_name(one.method, lang),
            score=score_text(one.score),
        )
        for one in comparison.joined
    ]
    measured = word(
        lang,
        "evidence.scores",
        n=evidence.n,
        evalset=comparison.evalset,
        metric=evidence.metric,
        scores=word(lang, "evidence.and").join(scores),
    )
    found = [measured, _verdict(evidence, comparison, form, lang)]
    if evidence.few:
        found.append(word(lang, "evidence.few", n=evidence.n))
    barred = [
        word(
            lang,
            "evidence.barred",
            other=arm_name(one.method, lang),
            gap=gap_text(one.gap),
            because=word(lang, f"evidence.{evidence.because}"),
        )
        for one in evidence.barred
    ]
    return (*found, *barred)


def costs_said(comparison: Comparison, evidence: Evidence, lang: AdviceLang) -> Iterator[str]:
    """What the advised method took, and the rule's beside it where that is another."""
    rows = {row.method: row for row in table_rows(comparison)}
    for method in dict.fromkeys((evidence.chosen, evidence.prior)):
        row = rows.get(method) if method else None
        if row is not None:
            yield word(
                lang,
                "evidence.cost",
                arm=arm_name(row.method, lang),
                build=seconds_text(row.build_s),
                ms=ms_text(row.latency_p50_ms),
                tokens=count_text(row.prompt_tokens),
                mb=bytes_text(row.storage_bytes),
            )


def arm_name(method: Method, lang: AdviceLang) -> str:
    """What a method is called."""
    return say(f"method_{method}", lang)


def _verdict(evidence: Evidence, comparison: Comparison, form: Form, lang: AdviceLang) -> str:
    if evidence.prior is None:
        return _unmeasured(comparison, form, lang)
    prior = arm_name(evidence.prior, lang)
    if evidence.chosen is not None and evidence.departs:
        taken = next(one for one in evidence.against if one.method == evidence.chosen)
        chosen, gap = arm_name(evidence.chosen, lang), gap_text(taken.gap)
        return word(lang, f"evidence.{evidence.standing}", prior=prior, chosen=chosen, gap=gap)
    if evidence.rival is not None:
        return word(
            lang,
            "evidence.open_few" if evidence.few else "evidence.open",
            prior=prior,
            other=arm_name(evidence.rival.method, lang),
            gap=gap_text(_negative(evidence.rival.gap)),
            needed=needed_text(evidence.needed, lang),
        )
    return _agrees(prior, [one for one in evidence.against if one.kind == "worse"], lang)


def _unmeasured(comparison: Comparison, form: Form, lang: AdviceLang) -> str:
    wanted = ARMS_OF[form][0]
    why = comparison.left_out.get(wanted, "")
    told = word(lang, "evidence.why", why=why) if why else ""
    return word(lang, "evidence.unmeasured", prior=arm_name(wanted, lang), why=told)


def _agrees(prior: str, beaten: Sequence[Against], lang: AdviceLang) -> str:
    if not beaten:
        return word(lang, "evidence.agrees_alone", prior=prior)
    others = [
        word(
            lang,
            "evidence.than",
            arm=arm_name(one.method, lang),
            gap=gap_text(_negative(one.gap)),
        )
        for one in beaten
    ]
    told = word(lang, "evidence.and").join(others)
    return word(lang, "evidence.agrees", prior=prior, others=told)


def _negative(gap: Score) -> Score:
    return replace(gap, value=-gap.value, low=-gap.high, high=-gap.low)
