"""Makes the report of a comparison of methods: which to use, what each is worth and costs, what was claimed of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import tomlkit

from surefoot.core.types import EvalCase, Score
from surefoot.optimize.compare.choice import BASELINES, Choice, choose
from surefoot.optimize.compare.result import Comparison, Method
from surefoot.optimize.compare.rule_of_thumb import rule_sheet
from surefoot.optimize.compare.table import MethodRow, sheets, table_rows
from surefoot.optimize.compare.verdict import claims_sheet, pairs_sheet, verdict_words
from surefoot.optimize.compare.words import say, why_text
from surefoot.optimize.report.page import Page, ReportLang, Role, Slice, Solution
from surefoot.optimize.report.parts import parts
from surefoot.optimize.report.questions import Trace, failing, no_trace
from surefoot.optimize.report.words import words
from surefoot.optimize.sheets import Sheet

_SHOWN_FAILING: Final = 40


@dataclass(frozen=True, slots=True)
class ComparisonTold:
    """A finished comparison and its questions with their gold."""

    comparison: Comparison
    cases: Mapping[str, EvalCase]
    trace: Trace = no_trace


def comparison_page(told: ComparisonTold, lang: ReportLang) -> Page:
    """The report in this language."""
    found, w = told.comparison, words(lang)
    chosen, said = choose(found), verdict_words(found, lang)
    best = found.of(chosen.winner)[0] if chosen else None
    rows = best.evaluation.rows if best else ()
    return Page(
        title=say("title", lang, evalset=found.evalset),
        lang=lang,
        metric=found.metric,
        verdict=said[0],
        remarks=said[1:],
        figures=tuple(_figures(found, chosen, lang, w)) if chosen else (),
        solutions=tuple(_solution(row, lang) for row in table_rows(found)),
        solutions_note=say("solutions_note", lang),
        sheets=tuple(_sheets(found, lang)),
        slices=_slices(found, chosen, lang, w) if chosen else (),
        failing=failing(rows, told.cases, found.metric, told.trace, shown=_SHOWN_FAILING),
        asked=len(rows),
        left_out=tuple(
            f"{say(f'method_{method}', lang)}: {why_text(why, lang)}"
            for method, why in found.left_out.items()
        ),
        facts=tuple(_facts(found, lang)),
        commands=(found.command,) if found.command else (),
        solution_file=tomlkit.dumps(json.loads(json.dumps(best.solution))) if best else "",
    )


def _sheets(found: Comparison, lang: ReportLang) -> Iterator[Sheet]:
    yield from sheets(found, lang)
    for sheet in (claims_sheet(found, lang), rule_sheet(found, lang), pairs_sheet(found, lang)):
        if sheet is not None:
            yield sheet


def _figures(
    found: Comparison, chosen: Choice, lang: ReportLang, w: Mapping[str, str]
) -> Iterator[Score]:
    """The winner, what it is held against, and the difference."""
    scores = {one.method: one.score for one in found.joined}
    shown = [chosen.winner, *([chosen.over.against] if chosen.over else [])]
    if chosen.best not in shown:
        shown.insert(1, chosen.best)
    for method in shown:
        yield replace(scores[method], metric=say(f"method_{method}", lang))
    if chosen.over is not None:
        yield replace(chosen.over.difference, metric=w["difference"])


def _solution(row: MethodRow, lang: ReportLang) -> Solution:
    return Solution(
        label=say(f"method_{row.method}", lang),
        role=_role(row),
        quality=row.quality,
        latency_ms=row.latency_p50_ms,
        cpu_ms=row.cpu_ms,
        usd=row.usd * 1000,
        note=say(f"standing_{row.standing}", lang) if row.standing in ("tied", "worse") else "",
        named=True,
    )


def _role(row: MethodRow) -> Role:
    if row.standing == "winner":
        return "chosen"
    if row.method == BASELINES[0]:
        return "baseline"
    return "frontier" if row.ahead else "other"


def _slices(
    found: Comparison, chosen: Choice, lang: ReportLang, w: Mapping[str, str]
) -> tuple[Slice, ...]:
    """The winner beside what it is held against, by part of the questions; of several seeds the first."""
    shown: list[Method] = [chosen.winner, chosen.best, *(BASELINES[:1])]
    named = {
        say(f"method_{method}", lang): found.of(method)[0].evaluation.rows
        for method in dict.fromkeys(shown)
        if found.of(method)
    }
    return parts(named, found.metric, w)


def _facts(found: Comparison, lang: ReportLang) -> Iterator[tuple[str, str]]:
    held = found.held
    yield say("fact_evalset", lang), f"{found.evalset} {held.evalset_digest}, n = {found.n}"
    yield say("fact_model", lang), held.model
    yield say("fact_base", lang), held.base_digest
    yield say("fact_engine", lang), held.engine
    yield say("fact_number_type", lang), held.number_type
    decoding = {"temperature": held.temperature, "max_tokens": held.max_tokens}
    yield say("fact_decoding", lang), say("fact_decoding_text", lang, **decoding)
    if held.train_digest:
        yield say("fact_train", lang), held.train_budget
        yield say("fact_rows", lang), held.train_digest
    if held.corpus:
        yield say("fact_corpus", lang), held.corpus
    if found.seeds:
        yield say("fact_seeds", lang), ", ".join(map(str, found.seeds))
    for arm in found.arms:
        if arm.parity is not None:
            text = say(
                "fact_parity_text",
                lang,
                agreement=arm.parity.agreement,
                prompts=arm.parity.prompts,
                same=arm.parity.same,
            )
            yield say("fact_parity", lang, arm=arm.name), text
