"""What was measured, in words: scores, the verdict on the rule of thumb, and what the methods took."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from statistics import fmean

from surefoot.core.types import Score
from surefoot.evaluate.stats.sayings import needed_text
from surefoot.optimize.advise.forms import Form
from surefoot.optimize.advise.interview import AdviceLang
from surefoot.optimize.advise.weighing import ARMS_OF, Against, Evidence
from surefoot.optimize.advise.words import word
from surefoot.optimize.compare.result import ArmResult, Comparison, Method


def evidence_said(
    evidence: Evidence, comparison: Comparison, form: Form, lang: AdviceLang
) -> tuple[str, ...]:
    """The scores, the verdict on the rule's advice for this form, and what a reader must know with it."""
    scores = [
        word(
            lang,
            "evidence.score",
            arm=arm_name(one.method, lang),
            value=number(one.score.value),
            low=number(one.score.low),
            high=number(one.score.high),
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
    if any(one.few for one in comparison.differences if one.metric == comparison.metric):
        found.append(word(lang, "evidence.few", n=evidence.n))
    barred = [
        word(
            lang,
            "evidence.barred",
            other=arm_name(one.method, lang),
            gap=gap_said(one.gap, lang),
            because=word(lang, f"evidence.{evidence.because}"),
        )
        for one in evidence.barred
    ]
    return (*found, *barred)


def costs_said(comparison: Comparison, evidence: Evidence, lang: AdviceLang) -> Iterator[str]:
    """What the advised method took, and the rule's beside it where that is another."""
    for method in dict.fromkeys((evidence.chosen, evidence.prior)):
        arms = comparison.of(method) if method else ()
        if method and arms:
            yield word(
                lang,
                "evidence.cost",
                arm=arm_name(method, lang),
                build=seconds_said(_mean(arms, lambda arm: arm.build.wall_s)),
                ms=f"{_mean(arms, lambda arm: arm.service.latency_p50_ms):,.0f} ms",
                tokens=f"{_mean(arms, lambda arm: arm.service.prompt_tokens):,.0f}",
                mb=f"{_mean(arms, lambda arm: arm.service.storage_bytes) / 1e6:,.1f} MB",
            )


def arm_name(method: Method, lang: AdviceLang) -> str:
    """What a method is called."""
    return word(lang, f"arm.{method}")


def number(value: float) -> str:
    """A score with three decimals."""
    return f"{value:.3f}"


def seconds_said(value: float) -> str:
    """Seconds as people write them."""
    return f"{value:,.0f} s" if value >= 10 or value == 0 else f"{value:.1f} s"


def gap_said(gap: Score, lang: AdviceLang) -> str:
    """A difference with its interval."""
    return word(
        lang,
        "evidence.gap",
        gap=f"{gap.value:+.3f}",
        low=f"{gap.low:+.3f}",
        high=f"{gap.high:+.3f}",
    )


def _verdict(evidence: Evidence, comparison: Comparison, form: Form, lang: AdviceLang) -> str:
    if evidence.prior is None:
        return _unmeasured(comparison, form, lang)
    prior = arm_name(evidence.prior, lang)
    if evidence.chosen is not None and evidence.departs:
        taken = next(one for one in evidence.against if one.method == evidence.chosen)
        chosen, gap = arm_name(evidence.chosen, lang), gap_said(taken.gap, lang)
        return word(lang, f"evidence.{evidence.standing}", prior=prior, chosen=chosen, gap=gap)
    if evidence.rival is not None:
        return word(
            lang,
            "evidence.open",
            prior=prior,
            other=arm_name(evidence.rival.method, lang),
            gap=gap_said(_negative(evidence.rival.gap), lang),
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
            gap=gap_said(_negative(one.gap), lang),
        )
        for one in beaten
    ]
    told = word(lang, "evidence.and").join(others)
    return word(lang, "evidence.agrees", prior=prior, others=told)


def _negative(gap: Score) -> Score:
    return replace(gap, value=-gap.value, low=-gap.high, high=-gap.low)


def _mean(arms: Sequence[ArmResult], figure: Callable[[ArmResult], float]) -> float:
    return fmean(figure(arm) for arm in arms)
