"""Makes the report of one run, alone or against an earlier one of the same questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

import tomlkit

from surefoot.config import said
from surefoot.core.lang import detect
from surefoot.core.types import EvalCase, Score
from surefoot.evaluate.rows import shared_rows
from surefoot.evaluate.runs import KeptRun
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.stats import Verdict, compare
from surefoot.optimize.report.page import Page, Question, ReportLang, Role, Solution
from surefoot.optimize.report.parts import parts
from surefoot.optimize.report.questions import Trace, failing, no_trace, question
from surefoot.optimize.report.words import words

_SHOWN_FAILING = 40
_SHOWN_CHANGED = 10
_EXPENSES = ("latency_p50_ms", "latency_p95_ms", "cpu_ms", "cost_usd", "answer_chars")


@dataclass(frozen=True, slots=True)
class RunTold:
    """A kept run and what a reader needs beside it; `base` is an earlier run that it is held against."""

    kept: KeptRun
    base: KeptRun | None = None
    cases: Mapping[str, EvalCase] | None = None
    trace: Trace = no_trace


def run_page(told: RunTold, lang: ReportLang) -> Page:
    """The report in this language."""
    told = replace(told, cases=_cases(told))
    kept, w = told.kept, words(lang)
    metric = headline_of(kept)
    pairs = _pairs(told, metric)
    verdict = _verdict_of(pairs, metric, kept.run.seed) if pairs else None
    return Page(
        title=w["run_title"].format(solution=kept.run.solution, evalset=kept.run.evalset),
        lang=lang,
        metric=metric,
        verdict=_sentence(told, verdict, metric, w),
        remarks=tuple(_remarks(verdict, w)),
        figures=tuple(_figures(kept, metric)),
        solutions=tuple(_solutions(told, metric)) if told.base else (),
        slices=parts(
            {one.run.id: one.rows for one in (told.base, kept) if one is not None},
            metric,
            w,
            seed=kept.run.seed,
        ),
        failing=failing(kept.rows, told.cases or {}, metric, told.trace, shown=_SHOWN_FAILING),
        lost=_changed(told, pairs, metric, way=-1),
        won=_changed(told, pairs, metric, way=1),
        asked=len(kept.rows),
        left_out=tuple(said.told(lang, one) for one in kept.run.details.get("left_out", ())),
        facts=tuple(_facts(told, w)),
        commands=tuple(one for one in (kept.run.details.get("command", ""),) if one),
        solution_file=tomlkit.dumps(_without_none(kept.run.details.get("settings", {}))),
    )


def headline_of(kept: KeptRun) -> str:
    """The metric that a run is judged by: the one that was recorded, else its first score."""
    recorded = kept.run.details.get("headline", "")
    return str(recorded or next((score.metric for score in kept.scores), ""))


def _cases(told: RunTold) -> Mapping[str, EvalCase]:
    """The questions with their gold; the relevant documents at least, which the run itself remembers."""
    if told.cases:
        return told.cases
    gold = told.kept.run.details.get("gold", {})
    return {
        row.id: EvalCase(row.id, row.question, detect(row.question), dict.fromkeys(gold[row.id], 1))
        for row in told.kept.rows
        if row.id in gold
    }


def _pairs(told: RunTold, metric: str) -> list[tuple[Row, Row]]:
    """The questions that both runs asked and scored by the metric, the base's row first."""
    if told.base is None:
        return []
    return [
        (before, row)
        for before, row in shared_rows(told.base.rows, told.kept.rows)
        if metric in before.metrics and metric in row.metrics
    ]


def _verdict_of(pairs: Sequence[tuple[Row, Row]], metric: str, seed: int) -> Verdict:
    return compare(
        [before.metrics[metric] for before, _ in pairs],
        [row.metrics[metric] for _, row in pairs],
        clusters=[row.cluster or row.id for _, row in pairs],
        seed=seed,
    )


def _sentence(told: RunTold, verdict: Verdict | None, metric: str, w: Mapping[str, str]) -> str:
    if verdict is None or told.base is None:
        found = [score for score in told.kept.scores if score.metric == metric]
        if not found:
            return w["run_nothing"]
        score = found[0]
        return w["run_alone"].format(
            metric=metric,
            value=f"{score.value:.3f}",
            low=f"{score.low:.3f}",
            high=f"{score.high:.3f}",
            n=score.n,
        )
    gap = verdict.difference
    return w[f"run_{verdict.kind.replace(' ', '_')}"].format(
        label=told.kept.run.solution,
        base=told.base.run.solution,
        metric=metric,
        gap=f"{gap.value:+.3f}",
        low=f"{gap.low:+.3f}",
        high=f"{gap.high:+.3f}",
        n=gap.n,
    )


def _remarks(verdict: Verdict | None, w: Mapping[str, str]) -> Iterator[str]:
    if verdict is not None and verdict.few:
        yield w["few"]
    if verdict is not None and verdict.needed:
        yield w["needed"].format(n=verdict.needed)


def _figures(kept: KeptRun, metric: str) -> Iterator[Score]:
    """The headline first, what it took last."""
    ordered = sorted(
        kept.scores, key=lambda score: (score.metric != metric, score.metric in _EXPENSES)
    )
    yield from ordered


def _solutions(told: RunTold, metric: str) -> Iterator[Solution]:
    sides: tuple[tuple[KeptRun | None, Role], ...] = (
        (told.kept, "chosen"),
        (told.base, "present"),
    )
    for kept, role in sides:
        if kept is None or not kept.rows:
            continue
        quality = next((one for one in kept.scores if one.metric == metric), None)
        if quality is None:
            continue
        warm = kept.rows[1:] or kept.rows
        yield Solution(
            label=f"{kept.run.solution} {kept.run.id}",
            role=role,
            quality=replace(quality, metric=metric),
            latency_ms=median(row.latency_ms for row in warm),
            cpu_ms=sum(row.cpu_ms for row in warm) / len(warm),
            usd=1000 * sum(row.usage.cost for row in kept.rows) / len(kept.rows),
        )


def _changed(
    told: RunTold, pairs: Sequence[tuple[Row, Row]], metric: str, *, way: int
) -> tuple[Question, ...]:
    """The questions that the run lost (`way` -1) or won (1) against the base, the largest change first."""
    changes = [
        (way * (row.metrics[metric] - before.metrics[metric]), before, row) for before, row in pairs
    ]
    largest = sorted((one for one in changes if one[0] > 0), key=lambda one: (-one[0], one[2].id))
    cases = told.cases or {}
    return tuple(
        question(row, cases.get(row.id), metric, told.trace, before=before)
        for _, before, row in largest[:_SHOWN_CHANGED]
    )


def _facts(told: RunTold, w: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    run = told.kept.run
    yield (
        w["fact_evalset"],
        f"{run.evalset} v{run.details.get('evalset_version', 1)} {run.evalset_digest}",
    )
    yield w["fact_solution"], f"{run.solution} {run.solution_digest}"
    if run.corpus:
        yield w["fact_corpus"], run.corpus
    yield w["fact_seed"], str(run.seed)
    if told.base is not None:
        yield w["fact_base"], f"{told.base.run.solution} {told.base.run.id}"
    versions = run.details.get("versions", {})
    yield w["fact_versions"], ", ".join(f"{name} {number}" for name, number in versions.items())


def _without_none(values: object) -> dict[str, object]:
    """TOML has no null: settings that are none are left out."""
    cleaned = _clean(values)
    return cleaned if isinstance(cleaned, dict) else {}


def _clean(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _clean(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value if inner is not None]
    return value
