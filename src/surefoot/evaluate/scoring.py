"""From questions and what came of them to scores: which metrics the data allow, and their averages with intervals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from surefoot.core.types import EvalCase, Score, Turn, Usage
from surefoot.evaluate.metrics import (
    all_evidence,
    contains_gold,
    exact_match,
    ndcg,
    plain_answer,
    ranked_documents,
    recall,
    reciprocal_rank,
    token_f1,
)
from surefoot.evaluate.stats import amount_score, mean_score, quantile_score, ratio_score

Judged = Literal["documents", "answer"]

_SHOWN_DOCUMENTS = 10
_RETRIEVAL: Mapping[str, Callable[[Sequence[str], Mapping[str, int]], float]] = {
    "ndcg@10": ndcg,
    "recall@5": lambda ranking, grades: recall(ranking, grades, 5),
    "recall@10": lambda ranking, grades: recall(ranking, grades, 10),
    "mrr@10": reciprocal_rank,
    "all_evidence@5": all_evidence,
}
_ANSWER = {"exact_match": exact_match, "token_f1": token_f1, "contains_gold": contains_gold}


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one question. `metrics` has those that apply to it; a failed question scores 0 in each.

    `documents` are the first ten found, by first chunk; `latency_ms` is wall time, `cpu_ms` processor time.
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


def question_metrics(
    case: EvalCase, turn: Turn | None, judged: Collection[Judged]
) -> dict[str, float]:
    """The metrics that this question's gold allows; all 0 where there is no turn because it failed."""
    found: dict[str, float] = {}
    if "documents" in judged and any(grade > 0 for grade in case.relevant.values()):
        ranking = ranked_documents(turn.hits) if turn else []
        found |= {name: metric(ranking, case.relevant) for name, metric in _RETRIEVAL.items()}
    if "answer" not in judged:
        return found
    answer = turn.answer if turn else None
    said = answer is not None and not answer.refused
    if case.answers:
        text = answer.text if answer and said else None
        found |= {
            name: 0.0 if text is None else metric(text, case.answers, case.lang)
            for name, metric in _ANSWER.items()
        }
    if case.answerable:
        found["answered"] = float(said)
    else:
        found["refusal_recall"] = float(answer is not None and answer.refused)
    return found


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
    """Every metric that applies to a question, then refusal precision, latency, cost and length."""
    names = dict.fromkeys(name for row in rows for name in row.metrics)
    return tuple(
        score
        for score in (
            *(_mean(name, rows, seed) for name in names),
            *_refusal_precision(rows, seed),
            *_expense(rows, seed),
        )
        if score.n
    )


def left_out(
    cases: Sequence[EvalCase], rows: Sequence[Row], judged: Collection[Judged]
) -> tuple[str, ...]:
    """In words, which metrics were not computed, and why."""
    return tuple(_missing(cases, rows, judged))


def _missing(
    cases: Sequence[EvalCase], rows: Sequence[Row], judged: Collection[Judged]
) -> Iterator[str]:
    retrieval, answer = ", ".join(_RETRIEVAL), ", ".join(_ANSWER)
    if "documents" not in judged:
        yield f"{retrieval}: the solution does not search"
    elif not (counted := sum("ndcg@10" in row.metrics for row in rows)):
        yield f"{retrieval}: no question names a relevant document"
    elif counted < len(rows):
        yield f"{retrieval}: only over the {counted} of {len(rows)} questions with a relevant document"
    if "answer" not in judged:
        yield f"{answer}, answered, refusal: the solution does not answer"
        return
    if not any(case.answers for case in cases):
        yield f"{answer}: no question has a gold answer"
    if all(case.answerable for case in cases):
        yield "refusal_recall, refusal_precision: every question can be answered"
    elif not any(row.refused for row in rows):
        yield "refusal_precision: nothing was refused"


def _mean(name: str, rows: Sequence[Row], seed: int) -> Score:
    return mean_score(name, [row.metrics[name] for row in rows if name in row.metrics], seed=seed)


def _refusal_precision(rows: Sequence[Row], seed: int) -> Iterator[Score]:
    if any(not row.answerable for row in rows):
        yield ratio_score(
            "refusal_precision",
            [float(row.refused and not row.answerable) for row in rows],
            [float(row.refused) for row in rows],
            seed=seed,
        )


def _expense(rows: Sequence[Row], seed: int) -> Iterator[Score]:
    # The first question also opens models and tables; it would stand for a share of the others that is not there.
    warm = [row.latency_ms for row in (rows[1:] or rows)]
    yield quantile_score("latency_p50_ms", warm, 0.5, seed=seed)
    yield quantile_score("latency_p95_ms", warm, 0.95, seed=seed)
    yield amount_score("cpu_ms", [row.cpu_ms for row in (rows[1:] or rows)], seed=seed)
    yield amount_score("cost_usd", [row.usage.cost for row in rows], seed=seed)
    said = [len(plain_answer(row.answer)) for row in rows if row.answer and not row.refused]
    yield amount_score("answer_chars", said, seed=seed)
