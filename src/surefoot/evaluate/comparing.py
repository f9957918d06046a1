"""Compares two kept runs question by question: every metric that both have, then what they cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from statistics import fmean
from typing import Literal

from surefoot.core.errors import DataError
from surefoot.core.types import Score
from surefoot.evaluate.rows import shared_rows
from surefoot.evaluate.runs import KeptRun
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.stats import compare
from surefoot.evaluate.stats.sayings import Language, verdict_text

Word = Literal["better", "worse", "equivalent", "not proven", "cheaper", "dearer"]

LANGUAGES: tuple[Language, ...] = ("en", "zh")
_EXPENSES: Mapping[str, Callable[[Row], float]] = {
    "latency_ms": lambda row: row.latency_ms,
    "cpu_ms": lambda row: row.cpu_ms,
    "encoder_tokens": lambda row: row.usage.encoder_tokens,
    "chat_tokens": lambda row: row.usage.prompt_tokens + row.usage.completion_tokens,
    "cost_usd": lambda row: row.usage.cost,
}

_OF_AMOUNTS: Mapping[Word, Word] = {
    "better": "dearer",
    "worse": "cheaper",
    "equivalent": "not proven",
    "not proven": "not proven",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric or an expense of two runs over the same questions, and what may be said of it.

    `difference` is `other - base` with its 95 % interval; `needed` says how many more questions a proof would take;
    `few` marks too few questions to rely on the interval. `words` says the verdict in English and Chinese.
    """

    metric: str
    base: float
    other: float
    difference: Score
    verdict: Word
    needed: int | None = None
    few: bool = False
    words: Mapping[Language, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs beside each other. `notes` say what the two do not have in common."""

    base: str
    other: str
    metrics: tuple[Difference, ...]
    expenses: tuple[Difference, ...]
    notes: tuple[str, ...] = ()


def compare_runs(base: KeptRun, other: KeptRun, *, seed: int = 0) -> Comparison:
    """Paired differences over the questions that both runs asked.

    Raises:
        DataError: the two have no question in common.
    """
    pairs = shared_rows(base.rows, other.rows)
    if not pairs:
        raise DataError(
            "the two runs have no question in common",
            where=f"{base.run.id} {other.run.id}",
            hint="surefoot runs list shows the eval set of each",
        )
    return Comparison(
        base.run.id,
        other.run.id,
        tuple(_metrics(pairs, seed)),
        tuple(_expenses(pairs, seed)),
        tuple(_notes(base, other, len(pairs))),
    )


def _metrics(pairs: Sequence[tuple[Row, Row]], seed: int) -> Iterator[Difference]:
    for name in dict.fromkeys(name for row, _ in pairs for name in row.metrics):
        both = [
            (first, second)
            for first, second in pairs
            if name in first.metrics and name in second.metrics
        ]
        if both:
            yield _difference(name, both, partial(_metric, name), seed)


def _expenses(pairs: Sequence[tuple[Row, Row]], seed: int) -> Iterator[Difference]:
    warm = pairs[1:] or pairs  # the first question also opens models and tables
    for name, amount in _EXPENSES.items():
        if any(amount(row) for pair in warm for row in pair):
            found = _difference(name, warm, amount, seed)
            verdict = _OF_AMOUNTS[found.verdict]
            words = {lang: _amount_text(found, verdict, lang) for lang in LANGUAGES}
            yield replace(found, verdict=verdict, needed=None, words=words)


def _difference(
    name: str, pairs: Sequence[tuple[Row, Row]], value: Callable[[Row], float], seed: int
) -> Difference:
    first, second = [value(one) for one, _ in pairs], [value(two) for _, two in pairs]
    clusters = [one.cluster or one.id for one, _ in pairs]
    found = compare(first, second, clusters=clusters, seed=seed)
    gap = replace(found.difference, metric=name)
    words = {lang: verdict_text(found, lang) for lang in LANGUAGES}
    means = fmean(first), fmean(second)
    return Difference(name, *means, gap, found.kind, found.needed, found.few, words)


def _amount_text(found: Difference, verdict: Word, lang: Language) -> str:
    """What may be said of an expense, by the share of the base that it is less or more."""
    gap = found.difference
    share = abs(gap.value) / found.base if found.base else 0.0
    if lang == "zh":
        seen = f"{gap.value:+.3g}，在 {gap.low:+.3g} 到 {gap.high:+.3g} 之间"
        said = {"cheaper": f"少 {share:.0%}", "dearer": f"多 {share:.0%}"}.get(
            verdict, "未能证明有差别"
        )
        return f"{said}（{seen}）。"
    seen = f"{gap.value:+.3g}, between {gap.low:+.3g} and {gap.high:+.3g}"
    said = {"cheaper": f"{share:.0%} less", "dearer": f"{share:.0%} more"}.get(
        verdict, "Not proven"
    )
    return f"{said} ({seen})."


def _metric(name: str, row: Row) -> float:
    return row.metrics[name]


def _notes(base: KeptRun, other: KeptRun, shared: int) -> Iterator[str]:
    most = max(len(base.rows), len(other.rows))
    if shared < most:
        yield f"only over the {shared} questions that both asked, of {most}"
    if base.run.corpus != other.run.corpus:
        yield "the documents changed between the two runs"
    if base.run.solution_digest == other.run.solution_digest:
        yield "both ran the same solution"
