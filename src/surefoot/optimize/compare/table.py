"""The methods side by side: quality, what the answers are worth, what making and asking them costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Literal

from surefoot.core.types import Score
from surefoot.optimize.compare.choice import Choice, choose, frontier, qualities
from surefoot.optimize.compare.claims import level_of
from surefoot.optimize.compare.figures import (
    bytes_text,
    count_text,
    gap_text,
    mib_text,
    ms_text,
    score_text,
    seconds_text,
)
from surefoot.optimize.compare.forgetting import AGREEMENT, BASE_GENERAL, FORGETTING, GENERAL, LANGS
from surefoot.optimize.compare.freshness import FRESH_BEFORE, FRESHNESS, STALE
from surefoot.optimize.compare.hallucination import (
    HALLUCINATION,
    REFUSED_RIGHTLY,
    REFUSED_WRONGLY,
    UNGROUNDED,
)
from surefoot.optimize.compare.result import ArmResult, Comparison, Method
from surefoot.optimize.compare.words import Lang, say
from surefoot.optimize.sheets import Sheet

Standing = Literal["winner", "tied", "worse", "unknown"]
CITATION = "citation"
"""That the source named is right, else that the evidence is cited, else that citations hold."""
_CITATIONS = ("source_right", "evidence_cited", "citation_support")
_MEASURED = (
    "format_valid",
    FRESHNESS,
    FRESH_BEFORE,
    STALE,
    REFUSED_RIGHTLY,
    REFUSED_WRONGLY,
    HALLUCINATION,
    UNGROUNDED,
    GENERAL,
    FORGETTING,
    AGREEMENT,
    *(f"{BASE_GENERAL}_{lang}" for lang in LANGS),
)


@dataclass(frozen=True, slots=True)
class MethodRow:
    """A method over its seeds. `scores` holds what was measured besides the quality; costs are means of the seeds.

    `build_s` and `build_cpu_s` are seconds of one training with export; memory is in MiB, the most of all seeds. Costs
    of asking are per question. `seed_spread` is the standard deviation of the seeds' means.
    """

    method: Method
    seeds: tuple[int, ...]
    standing: Standing
    ahead: bool
    quality: Score
    seed_spread: float | None = None
    scores: Mapping[str, Score] = field(default_factory=dict)
    build_s: float = 0.0
    build_cpu_s: float = 0.0
    build_peak_mib: float = 0.0
    train_tokens: float = 0.0
    trainable: int = 0
    usd: float = 0.0
    cpu_ms: float = 0.0
    latency_p50_ms: float = 0.0
    latency_p95_ms: float = 0.0
    prompt_tokens: float = 0.0
    completion_tokens: float = 0.0
    peak_mib: float = 0.0
    storage_bytes: float = 0.0
    update_s: float | None = None
    update_how: str = ""
    failures: int = 0


def table_rows(comparison: Comparison) -> tuple[MethodRow, ...]:
    """A row for each method that was scored, cheapest to build first."""
    chosen, ahead = choose(comparison), frontier(comparison)
    return tuple(
        _row(comparison, method, quality, chosen, ahead=method in ahead)
        for method, quality in qualities(comparison).items()
    )


def sheets(comparison: Comparison, lang: Lang) -> tuple[Sheet, ...]:
    """What the answers are worth, what making them costs, what asking costs; columns without a figure are left out."""
    rows = table_rows(comparison)
    return (
        _sheet("answers", rows, lang, _answer_cells(comparison, rows)),
        _sheet("asking", rows, lang, _asking_cells(rows, lang)),
        _sheet("building", rows, lang, _building_cells(rows, lang)),
    )


def citation_of(arms: Sequence[ArmResult]) -> Score | None:
    """How well a method names where an answer is from; None where it names nothing."""
    return next((found for name in _CITATIONS if (found := level_of(arms, name))), None)


def _row(
    comparison: Comparison, method: Method, quality: Score, chosen: Choice | None, *, ahead: bool
) -> MethodRow:
    arms = comparison.of(method)
    services, builds = [arm.service for arm in arms], [arm.build for arm in arms]
    updates = [service.update_s for service in services if service.update_s is not None]
    joined = next((one for one in comparison.joined if one.method == method), None)
    scores = {name: score for name in _MEASURED if (score := level_of(arms, name))}
    if (cited := citation_of(arms)) is not None:
        scores[CITATION] = cited
    return MethodRow(
        method=method,
        seeds=joined.seeds if joined and len(arms) > 1 else (),
        standing=_standing(method, chosen),
        ahead=ahead,
        quality=quality,
        seed_spread=joined.spread if joined else None,
        scores=scores,
        build_s=fmean(build.wall_s for build in builds),
        build_cpu_s=fmean(build.cpu_s for build in builds),
        build_peak_mib=max(build.peak_mib for build in builds),
        train_tokens=fmean(build.train_tokens for build in builds),
        trainable=max(build.trainable for build in builds),
        usd=fmean(one.usd for one in services),
        cpu_ms=fmean(one.cpu_ms for one in services),
        latency_p50_ms=fmean(one.latency_p50_ms for one in services),
        latency_p95_ms=fmean(one.latency_p95_ms for one in services),
        prompt_tokens=fmean(one.prompt_tokens for one in services),
        completion_tokens=fmean(one.completion_tokens for one in services),
        peak_mib=max(one.peak_mib for one in services),
        storage_bytes=fmean(one.storage_bytes for one in services),
        update_s=fmean(updates) if updates else None,
        update_how=services[0].update_how,
        failures=sum(len(arm.evaluation.failures) for arm in arms),
    )


def _standing(method: Method, chosen: Choice | None) -> Standing:
    if chosen is None:
        return "unknown"
    if method == chosen.winner:
        return "winner"
    return "tied" if method in chosen.tied else "worse"


Cells = Sequence[tuple[str, Sequence[str]]]
"""The key of each column with its cells from top to bottom."""


def _sheet(name: str, rows: Sequence[MethodRow], lang: Lang, cells: Cells) -> Sheet:
    first = [_named(row, lang) for row in rows]
    kept = [(key, column) for key, column in cells if any(cell not in ("–", "") for cell in column)]
    return Sheet(
        title=say(f"sheet_{name}", lang),
        columns=(say("method", lang), *(_heading(key, rows, lang) for key, _ in kept)),
        rows=tuple(
            (first[place], *(column[place] for _, column in kept)) for place in range(len(rows))
        ),
        note=say(f"note_{name}", lang),
        marked=tuple(place for place, row in enumerate(rows) if row.standing == "winner"),
    )


def _heading(key: str, rows: Sequence[MethodRow], lang: Lang) -> str:
    return say(f"column_{key}", lang, metric=rows[0].quality.metric if rows else "")


def _named(row: MethodRow, lang: Lang) -> str:
    name = say(f"method_{row.method}", lang)
    return f"{name} ×{len(row.seeds)}" if row.seeds else name


def _answer_cells(comparison: Comparison, rows: Sequence[MethodRow]) -> Cells:
    def shares(name: str) -> list[str]:
        return [score_text(row.scores.get(name)) for row in rows]

    spread = [f"{row.seed_spread:.3f}" if row.seed_spread is not None else "–" for row in rows]
    named = "format_valid" if comparison.metric != "format_valid" else ""
    return [
        ("quality", [score_text(row.quality) for row in rows]),
        ("n", [str(row.quality.n) for row in rows]),
        ("seed_spread", spread),
        ("format_valid", shares(named)),
        ("citation", shares(CITATION)),
        ("hallucination", shares(HALLUCINATION)),
        ("ungrounded", shares(UNGROUNDED)),
        ("refused_rightly", shares(REFUSED_RIGHTLY)),
        ("refused_wrongly", shares(REFUSED_WRONGLY)),
        ("freshness_before", shares(FRESH_BEFORE)),
        ("freshness", shares(FRESHNESS)),
        ("stale", shares(STALE)),
        ("general", shares(GENERAL)),
        ("forgetting", [gap_text(row.scores.get(FORGETTING)) for row in rows]),
        ("agreement", shares(AGREEMENT)),
        ("failures", [str(row.failures or "–") for row in rows]),
    ]


def _asking_cells(rows: Sequence[MethodRow], lang: Lang) -> Cells:
    usd = [f"{row.usd * 1000:.2f}" if row.usd else "–" for row in rows]
    return [
        ("cpu", [ms_text(row.cpu_ms) for row in rows]),
        ("usd", usd),
        ("p50", [ms_text(row.latency_p50_ms) for row in rows]),
        ("p95", [ms_text(row.latency_p95_ms) for row in rows]),
        ("prompt_tokens", [count_text(row.prompt_tokens) for row in rows]),
        ("completion_tokens", [count_text(row.completion_tokens) for row in rows]),
        ("memory", [mib_text(row.peak_mib) for row in rows]),
        ("frontier", [say("yes", lang) if row.ahead else "" for row in rows]),
    ]


def _building_cells(rows: Sequence[MethodRow], lang: Lang) -> Cells:
    return [
        ("build", [seconds_text(row.build_s or None) for row in rows]),
        ("build_cpu", [seconds_text(row.build_cpu_s or None) for row in rows]),
        ("build_memory", [mib_text(row.build_peak_mib) for row in rows]),
        ("train_tokens", [count_text(row.train_tokens) if row.train_tokens else "–" for row in rows]),
        ("trainable", [count_text(row.trainable) if row.trainable else "–" for row in rows]),
        ("storage", [bytes_text(row.storage_bytes) for row in rows]),
        ("update", [seconds_text(row.update_s) for row in rows]),
        ("update_how", [say(f"update_{row.update_how}", lang) if row.update_how else "" for row in rows]),
    ]  # fmt: skip
