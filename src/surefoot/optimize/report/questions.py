"""Shows questions with what was wanted and what came of them, the worst first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from surefoot.core.trace import SpanRecord
from surefoot.core.types import EvalCase
from surefoot.evaluate.scoring import Row
from surefoot.optimize.report.page import Question, Step

Trace = Callable[[str], Sequence[SpanRecord]]
"""Gives the spans of a trace id, none where it is not kept any more."""

_SHOWN_FOUND = 5
_ANSWER_CHARS = 600
_STAGE = "stage "


def no_trace(_trace_id: str) -> Sequence[SpanRecord]:
    """Stands where no traces are kept."""
    return ()


def failing(
    rows: Sequence[Row], cases: Mapping[str, EvalCase], metric: str, trace: Trace, *, shown: int
) -> tuple[Question, ...]:
    """Up to `shown` questions that raised an error or scored less than 1, errors first, then the lowest score."""
    wrong = [row for row in rows if row.failure or row.metrics.get(metric, 1.0) < 1.0]
    wrong.sort(key=lambda row: (row.failure is None, row.metrics.get(metric, 0.0), row.id))
    return tuple(question(row, cases.get(row.id), metric, trace) for row in wrong[:shown])


def question(
    row: Row, case: EvalCase | None, metric: str, trace: Trace, *, before: Row | None = None
) -> Question:
    """A row as the report shows it; `before` is the same question asked of the present solution."""
    return Question(
        id=row.id,
        question=row.question,
        lang=row.lang,
        value=row.metrics.get(metric, 0.0),
        wanted=_wanted(case) if case else (),
        found=row.documents[:_SHOWN_FOUND],
        answer=(row.answer or "")[:_ANSWER_CHARS],
        failure=row.failure or "",
        before=before.metrics.get(metric, 0.0) if before else None,
        trace_id=row.trace_id,
        steps=steps(trace(row.trace_id)) if row.trace_id else (),
    )


def steps(spans: Sequence[SpanRecord]) -> tuple[Step, ...]:
    """The stages of a trace in order, each with its notes."""
    return tuple(
        Step(
            span.name.removeprefix(_STAGE),
            (span.end_ns - span.start_ns) / 1e6,
            tuple(
                str(value)
                for key, value in span.attributes.items()
                if key.startswith("surefoot.note.")
            ),
        )
        for span in spans
        if span.name.startswith(_STAGE)
    )


def _wanted(case: EvalCase) -> tuple[str, ...]:
    """The answers where there are some, and the documents that hold the evidence."""
    documents = (name for name, grade in case.relevant.items() if grade > 0)
    return tuple(dict.fromkeys((*case.answers, *documents)))
