"""Turns what people said of answers in real use into cases of an eval set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import ConfigError, DataError
from surefoot.core.lang import detect
from surefoot.core.lang.likeness import plain_words
from surefoot.core.trace import SpanRecord
from surefoot.core.types import EvalCase, EvalSet, GoldSpan
from surefoot.evaluate.evalsets.format import REVIEW, make_evalset, revised
from surefoot.evaluate.evalsets.importing.gold import find_gold, place_answers
from surefoot.evaluate.evalsets.library import Library
from surefoot.evaluate.evalsets.reading import load_evalset
from surefoot.evaluate.evalsets.writing import write_evalset
from surefoot.evaluate.metrics import plain_answer
from surefoot.store.feedback import Cited, Feedback

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

_ID_CHARS = 12


@dataclass(frozen=True, slots=True)
class Joined:
    """The set with the cases that joined it, and why others did not, by trace id."""

    evalset: EvalSet
    added: tuple[str, ...]
    left_out: Mapping[str, str]


def feedback_on(trace: Sequence[SpanRecord], *, right: bool, at_ns: int) -> Feedback:
    """A person's verdict on the answer that a trace holds.

    Raises:
        DataError: the trace holds no question or no answer, such as where content is not kept.
    """
    question = answer = ""
    refused = False
    cited: dict[str, dict[str, Any]] = {}
    for span in trace:
        if span.parent_id is None:
            question = str(span.attributes.get("input.value", ""))
            answer = str(span.attributes.get("output.value", ""))
            refused = bool(span.attributes.get("surefoot.refused", False))
        for key, value in span.attributes.items():
            if key.startswith("surefoot.citation."):
                number, _, what = key.removeprefix("surefoot.citation.").partition(".")
                cited.setdefault(number, {})[what] = value
    if not question or not answer:
        raise DataError(
            f"the trace holds no {'answer' if question else 'question'}",
            where=trace[0].trace_id if trace else "",
            hint="a search has no answer; content is kept where trace.content = true",
        )
    return Feedback(
        trace[0].trace_id,
        at_ns,
        right,
        question,
        said=plain_answer(answer).strip(),
        refused=refused,
        cited=tuple(
            Cited(one["document"], one["start"], one["end"], one.get("content", ""))
            for one in cited.values()
            if one.get("supported") and "document" in one
        ),
    )


def add_feedback(
    evalset: EvalSet | str, feedback: Sequence[Feedback], library: Library | None = None
) -> Joined:
    """The set (or a new one of that name) with a case for each verdict that tells the right answer.

    An answer called right is the gold answer, its citations are the gold spans; of one called wrong the answer that
    the person gave. Questions that the set has already stay out.

    Raises:
        ConfigError: there is no set yet and no verdict to make one of.
    """
    former = () if isinstance(evalset, str) else evalset.cases
    known = {plain_words(case.question) for case in former}
    cases: list[EvalCase] = []
    left_out: dict[str, str] = {}
    for verdict in feedback:
        question = plain_words(verdict.question)
        if question in known:
            left_out[verdict.trace_id] = "the set has this question already"
            continue
        try:
            cases.append(_case(verdict, library))
        except DataError as problem:
            left_out[verdict.trace_id] = str(problem)
            continue
        known.add(question)
    added = tuple(case.id for case in cases)
    if isinstance(evalset, str):
        if not cases:
            raise ConfigError(
                "no feedback tells a right answer",
                where=evalset,
                hint="surefoot feedback TRACE --right, or --wrong --answer TEXT",
            )
        return Joined(make_evalset(evalset, cases), added, left_out)
    made = revised(evalset, [*former, *cases]) if cases else evalset
    return Joined(made, added, left_out)


def join_feedback(space: Workspace, path: Path) -> tuple[Joined, Path]:
    """Adds what people said of answers to the set at a path, a new one where there is none; and where it lies now.

    Raises as `add_feedback`.
    """
    former = load_evalset(path) if path.exists() else path.stem
    library = Library.of_index(space.resources.index())
    joined = add_feedback(former, space.feedback.latest(), library)
    path = path.with_name(f"{path.name}.jsonl") if path.is_dir() else path
    write_evalset(joined.evalset, path)
    return joined, path


def _case(verdict: Feedback, library: Library | None) -> EvalCase:
    word = "right" if verdict.right else "wrong"
    log = [{"decision": f"feedback: {word}", "trace": verdict.trace_id, "at_ns": verdict.at_ns}]
    case = EvalCase(
        id=f"log-{verdict.trace_id[:_ID_CHARS]}",
        question=verdict.question,
        lang=detect(verdict.question),
        source="log",
        meta={REVIEW: log},
    )
    if not verdict.answerable or (verdict.right and verdict.refused):
        return replace(case, answerable=False)
    if verdict.correct:
        return _with_source(replace(case, answers=(verdict.correct,)), verdict.source, library)
    if not verdict.right:
        raise DataError("called wrong, and no right answer is given")
    spans = tuple(
        GoldSpan(one.document_id, one.quote, one.start, one.end)
        for one in dict.fromkeys(verdict.cited)
    )
    relevant = dict.fromkeys((span.document_id for span in spans), 1)
    first = next(iter(relevant), "")
    return replace(case, answers=(verdict.said,), gold=spans, relevant=relevant, cluster=first)


def _with_source(case: EvalCase, source: str, library: Library | None) -> EvalCase:
    if not source:
        return case
    documents = find_gold([source], (), library).documents
    case = replace(case, relevant=dict.fromkeys(documents, 1), cluster=documents[0])
    return place_answers(case, library) if library else case
