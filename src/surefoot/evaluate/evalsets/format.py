"""How an eval set is written: an optional header, then one case a line. Knows rows and cases, no files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any, Literal

from pydantic import Field

from surefoot.config.base import Settings
from surefoot.core.digest import digest_json
from surefoot.core.errors import ConfigError
from surefoot.core.filters import filter_to_json, parse_filter
from surefoot.core.lang import detect
from surefoot.core.types import EvalCase, EvalSet, GoldSpan, Lang, Split, Task

REVIEW = "review"
"""The key of a case's `meta` that holds what people decided about it; it does not count for the digest."""


class HeaderRow(Settings):
    """The optional first line of a JSONL eval set; `evalset` is its name."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    evalset: str = Field(min_length=1)
    task: Task = "qa"
    version: int = Field(default=1, ge=1)
    parent: str = ""


class GoldRow(Settings):
    """Evidence: a document, and the characters `[start, end)` of it that read `quote`."""

    doc: str = Field(min_length=1)
    quote: str = ""
    start: int | None = Field(default=None, ge=0)
    end: int | None = Field(default=None, ge=0)
    grade: int = Field(default=1, ge=0)


class CaseRow(Settings):
    """One line of a JSONL eval set."""

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    lang: Lang | None = None
    answers: tuple[str, ...] = ()
    gold: tuple[GoldRow, ...] = ()
    answerable: bool = True
    filter: dict[str, Any] | None = None
    tags: tuple[str, ...] = ()
    cluster: str | None = None
    split: Split = ""
    source: str = "human"
    meta: dict[str, Any] = Field(default_factory=dict)


def make_evalset(
    name: str,
    cases: Sequence[EvalCase],
    *,
    task: Task = "qa",
    version: int = 1,
    parent: str = "",
) -> EvalSet:
    """The cases as a set under their digest.

    Raises:
        ConfigError: there are none, or two have the same id.
    """
    if not cases:
        raise ConfigError("the eval set has no questions", where=name)
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise ConfigError(f"two questions have the id {case.id!r}", where=name)
        seen.add(case.id)
    return EvalSet(name, evalset_digest(cases, task), tuple(cases), task, version, parent)


def revised(evalset: EvalSet, cases: Sequence[EvalCase]) -> EvalSet:
    """The set with other cases: its next version where they mean something else, the same one where they do not."""
    made = make_evalset(evalset.name, cases, task=evalset.task)
    if made.digest == evalset.digest:
        return replace(evalset, cases=made.cases)
    return replace(made, version=evalset.version + 1, parent=evalset.digest)


def evalset_digest(cases: Sequence[EvalCase], task: Task = "qa") -> str:
    """Names what is asked and what counts as right; the order of the cases does not matter.

    The split does not count, so that another split of the same questions does not pass for new ones; nor do the
    source and the log of reviews.
    """
    rows = sorted((_counting(case) for case in cases), key=lambda row: str(row["id"]))
    return digest_json([task, rows])


def header_to_row(evalset: EvalSet) -> dict[str, Any]:
    """The header line as plain values."""
    row: dict[str, Any] = {"schema": 1, "evalset": evalset.name, "task": evalset.task}
    row["version"] = evalset.version
    return row | ({"parent": evalset.parent} if evalset.parent else {})


def case_to_row(case: EvalCase) -> dict[str, Any]:
    """A case as plain values that `case_from_row` reads back as it was; what is empty is left out.

    Raises:
        ConfigError: its parts contradict each other.
    """
    _check(case, case.id)
    row: dict[str, Any] = {"id": case.id, "question": case.question, "lang": case.lang}
    if case.answers:
        row["answers"] = list(case.answers)
    gold = list(_gold_rows(case))
    if gold:
        row["gold"] = gold
    if not case.answerable:
        row["answerable"] = False
    if case.filter:
        row["filter"] = filter_to_json(case.filter)
    if case.tags:
        row["tags"] = list(case.tags)
    if case.cluster != next((one["doc"] for one in gold if one.get("grade", 1)), ""):
        row["cluster"] = case.cluster
    if case.split:
        row["split"] = case.split
    row["source"] = case.source
    return row | ({"meta": dict(case.meta)} if case.meta else {})


def case_from_row(row: CaseRow, where: str) -> EvalCase:
    """The case of a line; `where` names the line in errors.

    Raises:
        ConfigError: it says that the documents do not answer it, and gives an answer.
    """
    relevant: dict[str, int] = {}
    for gold in row.gold:
        relevant[gold.doc] = max(gold.grade, relevant.get(gold.doc, 0))
    case = EvalCase(
        id=row.id,
        question=row.question,
        lang=row.lang or detect(row.question),
        relevant=relevant,
        answers=row.answers,
        answerable=row.answerable,
        filter=parse_filter(row.filter, where=f"{where}: filter") if row.filter else None,
        tags=row.tags,
        meta=row.meta,
        gold=tuple(
            GoldSpan(gold.doc, gold.quote, gold.start, gold.end, gold.grade)
            for gold in row.gold
            if gold.quote or gold.start is not None
        ),
        split=row.split,
        source=row.source,
    )
    _check(case, where)
    return replace(case, cluster=_first_gold(case) if row.cluster is None else row.cluster)


def _counting(case: EvalCase) -> dict[str, Any]:
    meta = {key: value for key, value in case.meta.items() if key != REVIEW}
    row = asdict(replace(case, filter=None, split="", source="", meta=meta))
    row["filter"] = filter_to_json(case.filter) if case.filter else None
    return row


def _check(case: EvalCase, where: str) -> None:
    if not case.answerable and (case.answers or any(grade > 0 for grade in case.relevant.values())):
        raise ConfigError("a question that is not answerable has no answers or gold", where=where)
    for span in case.gold:
        if case.relevant.get(span.document_id, -1) < span.grade:
            raise ConfigError(
                f"gold stands in {span.document_id!r}, which is not among the relevant documents",
                where=where,
            )
        if (span.start is None) != (span.end is None) or not (span.quote or span.end):
            raise ConfigError("gold has a quote, or a start and an end", where=where)


def _gold_rows(case: EvalCase) -> Iterator[dict[str, Any]]:
    """Documents of which no span has the grade, then the spans in order."""
    spoken: dict[str, int] = {}
    for span in case.gold:
        spoken[span.document_id] = max(span.grade, spoken.get(span.document_id, 0))
    for name, grade in case.relevant.items():
        if spoken.get(name) != grade:
            yield {"doc": name} | ({"grade": grade} if grade != 1 else {})
    for span in case.gold:
        row: dict[str, Any] = {"doc": span.document_id, "quote": span.quote}
        if span.start is not None:
            row |= {"start": span.start, "end": span.end}
        yield row | ({"grade": span.grade} if span.grade != 1 else {})


def _first_gold(case: EvalCase) -> str:
    return next((name for name, grade in case.relevant.items() if grade > 0), "")
