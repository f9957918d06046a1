"""Makes the report of a search: which solution won on unseen questions, what else was tried, what mattered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from surefoot.config import said
from surefoot.core.types import EvalCase, EvalSet, Score
from surefoot.evaluate.scoring import Row
from surefoot.optimize.report.page import Effect, Page, Question, ReportLang, Role, Solution
from surefoot.optimize.report.parts import parts
from surefoot.optimize.report.questions import Trace, failing, no_trace, question
from surefoot.optimize.report.words import words
from surefoot.optimize.result import Compared, Searched, Tried
from surefoot.optimize.trial import Candidate

_SHOWN_FAILING = 40
_SHOWN_CHANGED = 10


@dataclass(frozen=True, slots=True)
class Told:
    """A finished search and what a reader needs beside it.

    `rows` are the questions of the holdout by the digest of the solution that was asked them.
    """

    title: str
    searched: Searched
    evalset: EvalSet
    rows: Mapping[str, Sequence[Row]]
    solution_file: str = ""
    commands: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    trace: Trace = no_trace


def experiment_page(told: Told, lang: ReportLang) -> Page:
    """The report in this language."""
    found, w = told.searched, words(lang)
    shown = replace(found, stopped=said.told(lang, found.stopped))
    cases = {case.id: case for case in told.evalset.cases}
    rows = told.rows.get(found.winner, ())
    against = _against_present(found)
    return Page(
        title=told.title,
        lang=lang,
        metric=found.metric,
        verdict=_verdict(found, against, w),
        remarks=tuple(_remarks(shown, against, w)),
        figures=tuple(_figures(found, against, w)),
        solutions=tuple(_solutions(found, w)),
        solutions_note=w["solutions_note"],
        effects=tuple(
            Effect(axis.axis, option.option, option.effect)
            for axis in found.effects
            for option in axis.options
            if option.effect.n
        ),
        slices=parts(
            {
                w[f"role_{role}"]: told.rows[digest]
                for role, digest in (("present", found.present), ("chosen", found.winner))
                if digest in told.rows
            },
            found.metric,
            w,
            seed=found.seed,
        ),
        failing=failing(rows, cases, found.metric, told.trace, shown=_SHOWN_FAILING),
        lost=_changed(told, cases, against.losses if against else ()),
        won=_changed(told, cases, against.wins if against else ()),
        asked=len(rows),
        facts=(*_facts(found, w), *told.facts),
        commands=told.commands,
        solution_file=told.solution_file,
    )


def label(candidate: Candidate, present: Candidate, w: Mapping[str, str]) -> str:
    """What sets a solution apart from the present one, in the words of the space file."""
    if candidate.digest == present.digest:
        return w["the_present"]
    unlike = [
        f"{axis} {option}"
        for axis, option in candidate.choices.items()
        if present.choices.get(axis) != option
    ]
    return ", ".join(unlike) or candidate.digest[:8]


def _against_present(found: Searched) -> Compared | None:
    """The winner against the present solution on unseen questions; None where they are the same or none were asked."""
    if found.unseen is None:
        return None
    pairs = [one for one in found.unseen.compared if one.against == found.present]
    return next((one for one in pairs if one.digest in (found.winner, found.chosen)), None)


def _verdict(found: Searched, against: Compared | None, w: Mapping[str, str]) -> str:
    if against is None:
        key = "verdict_unseen_missing" if found.unseen is None else "verdict_present"
        return w[key].format(n=found.unseen.n if found.unseen else 0)
    name = label(found.trial(against.digest).candidate, found.trial(found.present).candidate, w)
    gap = against.difference
    return w[f"verdict_{against.kind.replace(' ', '_')}"].format(
        label=name,
        gap=f"{gap.value:+.3f}",
        low=f"{gap.low:+.3f}",
        high=f"{gap.high:+.3f}",
        metric=found.metric,
        n=gap.n,
    )


def _remarks(found: Searched, against: Compared | None, w: Mapping[str, str]) -> Iterator[str]:
    if found.stopped:
        yield w["stopped"].format(why=found.stopped)
    if against is not None and against.few:
        yield w["few"]
    if against is not None and against.needed:
        yield w["needed"].format(n=against.needed)
    if found.unseen is not None and found.unseen.spent:
        yield w["spent"]
    if found.curse is not None:
        yield w["curse"].format(
            shown=f"{found.curse.shown.value:.3f}", corrected=f"{found.curse.corrected.value:.3f}"
        )
    yield from found.notes


def _figures(found: Searched, against: Compared | None, w: Mapping[str, str]) -> Iterator[Score]:
    for role, digest in (("chosen", found.winner), ("present", found.present)):
        score = found.unseen.scores.get(digest) if found.unseen else None
        if score is not None and (role == "chosen" or digest != found.winner):
            yield replace(score, metric=w[f"figure_{role}"])
    if against is not None:
        yield replace(against.difference, metric=w["difference"])


def _solutions(found: Searched, w: Mapping[str, str]) -> Iterator[Solution]:
    present = found.trial(found.present).candidate
    ahead = _ahead(found)
    order = {"chosen": 0, "present": 1, "baseline": 2, "frontier": 3, "other": 4}
    shown = [(one, _role(one, found, ahead)) for one in found.tried if one.expected.n]
    shown.sort(key=lambda pair: (order[pair[1]], -pair[0].expected.value))
    for one, role in shown:
        yield Solution(
            label=label(one.candidate, present, w),
            role=role,
            quality=replace(one.expected, n=one.asked),
            latency_ms=one.expense.latency_p50_ms,
            cpu_ms=one.expense.cpu_ms,
            usd=one.expense.usd * 1000,
            note=w[f"standing_{one.standing}"] if role != "chosen" else "",
        )


def _ahead(found: Searched) -> set[str]:
    """The frontier as the plot shows it: nothing is both better and answers sooner."""
    shown = {point.digest for point in found.frontier}
    ahead, best = set(), float("-inf")
    sooner_first = sorted(
        (one for one in found.tried if one.expected.n),
        key=lambda one: (one.expense.latency_p50_ms, -one.expected.value),
    )
    for one in sooner_first:
        if one.expected.value > best:
            best = one.expected.value
            ahead.add(one.candidate.digest)
    return ahead & shown


def _role(one: Tried, found: Searched, ahead: set[str]) -> Role:
    digest = one.candidate.digest
    if digest == found.winner:
        return "chosen"
    if digest == found.present:
        return "present"
    if digest == found.baseline:
        return "baseline"
    return "frontier" if digest in ahead else "other"


def _changed(told: Told, cases: Mapping[str, EvalCase], ids: Sequence[str]) -> tuple[Question, ...]:
    """The questions whose score changed most between the present solution and the winner."""
    rows = {row.id: row for row in told.rows.get(told.searched.winner, ())}
    before = {row.id: row for row in told.rows.get(told.searched.present, ())}
    return tuple(
        question(
            rows[one], cases.get(one), told.searched.metric, told.trace, before=before.get(one)
        )
        for one in ids[:_SHOWN_CHANGED]
        if one in rows
    )


def _facts(found: Searched, w: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield (
        w["fact_questions"],
        w["fact_questions_text"].format(dev=found.n_dev, holdout=found.n_holdout),
    )
    yield (
        w["fact_tried"],
        w["fact_tried_text"].format(
            tried=len(found.tried), asked=found.asked, possible=found.possible
        ),
    )
    if found.detectable is not None:
        yield w["fact_detectable"], f"{found.detectable:.3f}"
    yield w["fact_seed"], str(found.seed)
