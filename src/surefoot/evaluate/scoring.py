"""From questions and what came of them to scores: averages with intervals, and what the data did not allow."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from surefoot.core.types import EvalCase, Score, Turn, Usage
from surefoot.evaluate.measuring import ANSWERS, CITING, RETRIEVAL, SPANS
from surefoot.evaluate.metrics import plain_answer, ranked_documents
from surefoot.evaluate.metrics.labels import macro_f1_score
from surefoot.evaluate.metrics.spans import located
from surefoot.evaluate.standard import Judged, Standard
from surefoot.evaluate.stats import amount_score, mean_score, quantile_score, ratio_score

_SHOWN_DOCUMENTS = 10
_BOTH_KINDS = ("right_or_refusal", "f1_or_refusal")
_DOCUMENTED = ", ".join((*RETRIEVAL, *SPANS))


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one question. `metrics` has those that apply to it; a failed question scores 0 in each.

    `documents` are the first ten found, by first chunk; `latency_ms` is wall time, `cpu_ms` processor time. `labels`
    are the gold label and the given one, where the task is to choose one; `source` says where the question is from.
    """

    id: str
    question: str
    lang: str
    answerable: bool
    metrics: Mapping[str, float] = field(default_factory=dict)
    documents: tuple[str, ...] = ()
    answer: str | None = None
    refused: bool = False
    confidence: float | None = None
    latency_ms: float = 0.0
    cpu_ms: float = 0.0
    usage: Usage = Usage()
    failure: str | None = None
    trace_id: str = ""
    cluster: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    labels: tuple[str, ...] = ()


def shown(turn: Turn) -> dict[str, object]:
    """The fields of a `Row` that a turn fills."""
    answer = turn.answer
    return {
        "documents": tuple(ranked_documents(turn.hits)[:_SHOWN_DOCUMENTS]),
        "answer": answer.text if answer else None,
        "refused": bool(answer and answer.refused),
        "confidence": answer.confidence if answer else None,
    }


def scores(rows: Sequence[Row], *, seed: int = 0) -> tuple[Score, ...]:
    """Every metric that applies to a question, then those over all questions together, latency, cost and length.

    Intervals resample clusters of questions whole, where the rows name them.
    """
    return tuple(
        score
        for score in (
            *(mean_of(name, rows, seed=seed) for name in _names(rows)),
            *_labels(rows, seed),
            *_refusals(rows, seed),
            *_expense(rows, seed),
        )
        if score.n
    )


def mean_of(metric: str, rows: Sequence[Row], *, seed: int = 0) -> Score:
    """One metric over the rows to which it applies; `n` is how many those are."""
    counted = [row for row in rows if metric in row.metrics]
    values = [row.metrics[metric] for row in counted]
    return mean_score(metric, values, clusters=_clusters(counted), seed=seed)


def left_out(
    cases: Sequence[EvalCase],
    rows: Sequence[Row],
    judged: Collection[Judged],
    standard: Standard = Standard(),
) -> tuple[str, ...]:
    """In words, which metrics were not computed, and why."""
    return (
        *_not_found(cases, rows, judged),
        *_not_answered(cases, rows, judged, standard),
        *_not_priced(rows),
    )


def _not_priced(rows: Sequence[Row]) -> Iterator[str]:
    if unpriced := sum(row.usage.unpriced > 0 for row in rows):
        yield f"cost_usd: {unpriced} questions called an endpoint whose price is not known"


def _names(rows: Sequence[Row]) -> list[str]:
    """The metrics of the rows in their order; those for both kinds of questions only where an answer is scored."""
    names = dict.fromkeys(name for row in rows for name in row.metrics)
    both = any("contains_gold" in row.metrics for row in rows)
    mixed = len({row.answerable for row in rows}) > 1
    sourced = mixed and any("joint" in row.metrics for row in rows)
    hidden = {
        *(() if both else _BOTH_KINDS),
        *(() if mixed else ("answered_or_refused",)),
        *(() if sourced else ("joint_or_refusal",)),
    }
    return [name for name in names if name not in hidden]


def _not_found(
    cases: Sequence[EvalCase], rows: Sequence[Row], judged: Collection[Judged]
) -> Iterator[str]:
    if "documents" not in judged:
        yield f"{_DOCUMENTED}: the solution does not search"
        return
    counted = sum("ndcg@10" in row.metrics for row in rows)
    if not counted:
        yield f"{_DOCUMENTED}: no question names a relevant document"
        return
    if counted < len(rows):
        yield (
            f"{', '.join(RETRIEVAL)}: only over the {counted} of {len(rows)} questions with a relevant document"
        )
    spans = sum(bool(located(case)) for case in cases)
    if spans < counted:
        only = f"only over the {spans} questions" if spans else "no question"
        yield f"{', '.join(SPANS)}: {only} with evidence whose place in the document is known"


def _not_answered(
    cases: Sequence[EvalCase], rows: Sequence[Row], judged: Collection[Judged], standard: Standard
) -> Iterator[str]:
    named = ", ".join((*ANSWERS[standard.task], "accuracy"))
    if standard.task != "classify":
        named = ", ".join(ANSWERS[standard.task])
    if "answer" not in judged:
        yield f"{named}, answered, refusal: the solution does not answer"
        return
    if not any(case.answers for case in cases):
        yield f"{named}: no question has a gold answer"
    if standard.task == "format" and not any("format_valid" in row.metrics for row in rows):
        yield "format_valid: no question has a schema or pattern in its meta, or gold in a form that is known"
    if "documents" not in judged:
        yield f"{', '.join(CITING)}: the solution does not search, so nothing can be cited"
    if all(case.answerable for case in cases):
        yield "refusal_recall, refusal_precision: every question can be answered"
    elif not any(row.refused for row in rows):
        yield "refusal_precision: nothing was refused"


def _refusals(rows: Sequence[Row], seed: int) -> Iterator[Score]:
    """Of what was refused, how much rightly; and the mean of the two rates, whichever kind there is more of."""
    if not any("refusal_recall" in row.metrics for row in rows):
        return
    yield ratio_score(
        "refusal_precision",
        [float(row.refused and not row.answerable) for row in rows],
        [float(row.refused) for row in rows],
        clusters=_clusters(rows),
        seed=seed,
    )
    kinds = {kind: sum(row.answerable is kind for row in rows) for kind in (True, False)}
    if min(kinds.values()):
        weights = [len(rows) / (2 * kinds[row.answerable]) for row in rows]
        right = [row.metrics.get("answered_or_refused", 0.0) for row in rows]
        yield ratio_score(
            "refusal_balanced",
            [value * weight for value, weight in zip(right, weights, strict=True)],
            weights,
            clusters=_clusters(rows),
            seed=seed,
        )


def _labels(rows: Sequence[Row], seed: int) -> Iterator[Score]:
    chosen = [row for row in rows if row.labels]
    pairs = [row.labels for row in chosen]
    yield macro_f1_score("macro_f1", pairs, clusters=_clusters(chosen), seed=seed)


def _expense(rows: Sequence[Row], seed: int) -> Iterator[Score]:
    # The first question also opens models and tables; it would stand for a share of the others that is not there.
    warm = rows[1:] or rows
    latency, groups = [row.latency_ms for row in warm], _clusters(warm)
    yield quantile_score("latency_p50_ms", latency, 0.5, clusters=groups, seed=seed)
    yield quantile_score("latency_p95_ms", latency, 0.95, clusters=groups, seed=seed)
    yield amount_score("cpu_ms", [row.cpu_ms for row in warm], clusters=groups, seed=seed)
    if not any(row.usage.unpriced for row in rows):
        costs = [row.usage.cost for row in rows]
        yield amount_score("cost_usd", costs, clusters=_clusters(rows), seed=seed)
    told = [row for row in rows if row.answer and not row.refused]
    lengths = [len(plain_answer(row.answer or "")) for row in told]
    yield amount_score("answer_chars", lengths, clusters=_clusters(told), seed=seed)


def _clusters(rows: Sequence[Row]) -> list[str]:
    return [row.cluster for row in rows]
