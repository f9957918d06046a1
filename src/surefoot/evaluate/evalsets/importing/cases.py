"""Brings questions in from other programs: each bad row is said and the rest go on; gold becomes spans of documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from surefoot.core.errors import ConfigError, SurefootError
from surefoot.core.lang import detect
from surefoot.core.lang.likeness import plain_words
from surefoot.core.types import EvalCase, EvalSet, Lang, Split, Task
from surefoot.evaluate.evalsets.format import case_to_row, make_evalset
from surefoot.evaluate.evalsets.importing.columns import Columns, find_columns
from surefoot.evaluate.evalsets.importing.gold import Gold, find_gold, place_answers
from surefoot.evaluate.evalsets.importing.records import Records, Shape, read_records
from surefoot.evaluate.evalsets.library import Library
from surefoot.evaluate.evalsets.reading import load_evalset

_LANGS: Mapping[str, Lang] = {
    "en": "en", "eng": "en", "english": "en", "英文": "en", "英语": "en",
    "zh": "zh", "chi": "zh", "zho": "zh", "cn": "zh", "chinese": "zh", "中文": "zh", "汉语": "zh",
}  # fmt: skip
_SPLITS: Mapping[str, Split] = {
    "dev": "dev",
    "holdout": "holdout",
    "test": "holdout",
    "train": "dev",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be read. `columns` names columns by field, `source` says where questions come from."""

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    task: Task = "qa"
    source: str = "imported"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is not in the set, and why; or a part of one that is."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """The set with what became of each row.

    `left_out` are rows that are not in it; `remarks` concern rows that are: a source or a context that was not found.
    """

    evalset: EvalSet
    shape: Shape
    columns: Mapping[str, str]
    left_out: tuple[LeftOut, ...]
    remarks: tuple[LeftOut, ...]


def import_evalset(path: Path, wanted: Wanted, library: Library | None = None) -> Imported:
    """The questions of a file or BEIR folder as an eval set, their gold found in the library's documents.

    Without a library sources stay as they are written, and contexts without a source cannot become gold.

    Raises:
        ConfigError: the file cannot be read, or no row of it is a question.
    """
    if path.is_dir():
        return _whole(load_evalset(path), "beir", wanted, library)
    records = read_records(path)
    if records.shape == "surefoot":
        return _whole(load_evalset(path), "surefoot", wanted, library)
    return _from_records(records, path, wanted, library)


def _whole(found: EvalSet, shape: Shape, wanted: Wanted, library: Library | None) -> Imported:
    """A set that needs no columns: cases that contradict themselves are left out."""
    cases: list[EvalCase] = []
    left_out: list[LeftOut] = []
    for case in found.cases:
        try:
            case_to_row(case)
        except ConfigError as problem:
            left_out.append(LeftOut(case.id, problem.message))
            continue
        cases.append(place_answers(case, library) if library else case)
    task = found.task if shape == "surefoot" else wanted.task
    made = make_evalset(wanted.name, cases, task=task)
    return Imported(made, shape, {}, tuple(left_out), ())


def _from_records(
    records: Records, path: Path, wanted: Wanted, library: Library | None
) -> Imported:
    left_out = [LeftOut(where, reason) for where, reason in records.bad]
    if not records.good:
        why = f": {left_out[0].reason}" if left_out else ""
        raise ConfigError(f"no row is a question{why}", where=str(path))
    names = dict.fromkeys(name for _, record in records.good for name in record)
    columns = find_columns(names, wanted.columns, str(path))
    remarks: list[LeftOut] = []
    cases: dict[str, EvalCase] = {}
    said: dict[tuple[str, tuple[str, ...]], str] = {}
    for number, (where, record) in enumerate(records.good, start=1):
        try:
            case, notes = _case(record, number, columns, wanted, library)
            twin = said.setdefault((plain_words(case.question), case.answers), where)
            if twin != where:
                raise ConfigError(f"the same question and answer as {twin}")
            if case.id in cases:
                raise ConfigError(f"another row has the id {case.id!r}")
            case_to_row(case)
        except SurefootError as problem:
            left_out.append(LeftOut(where, str(problem)))
            continue
        cases[case.id] = case
        remarks += [LeftOut(where, note) for note in notes]
    if not cases:
        raise ConfigError(f"no row is a question: {left_out[0].reason}", where=str(path))
    made = make_evalset(wanted.name, list(cases.values()), task=wanted.task)
    return Imported(
        made,
        records.shape,
        {str(key): name for key, name in columns.of.items()},
        tuple(left_out),
        tuple(remarks),
    )


def _case(
    record: Mapping[str, Any],
    number: int,
    columns: Columns,
    wanted: Wanted,
    library: Library | None,
) -> tuple[EvalCase, Sequence[str]]:
    question = columns.text(record, "question")
    if isinstance(record.get(columns.of["question"]), list):
        raise ConfigError("a conversation, not one question")
    if not question:
        raise ConfigError("no question")
    answers, sources = columns.texts(record, "answer"), columns.texts(record, "source")
    quotes = columns.texts(record, "quote")
    answerable = columns.answerable(record)
    if answerable is False and answers:
        raise ConfigError("it is marked as not answerable, and has an answer")
    if answerable is None and not (answers or sources or quotes):
        raise ConfigError("no answer, source or quote; mark it answerable = no if that is meant")
    case = EvalCase(
        id=columns.text(record, "id") or f"{number:04d}",
        question=question,
        lang=_lang(columns.text(record, "lang"), question),
        answers=answers,
        answerable=answerable is not False,
        tags=columns.texts(record, "tags"),
        split=_SPLITS.get(columns.text(record, "split").lower(), ""),
        source=_source(record, columns, wanted),
    )
    if not case.answerable:
        return case, ()
    gold = find_gold(sources, quotes, library)
    case = _with_gold(case, gold)
    if library is not None:
        case = place_answers(case, library)
    return case, gold.notes


def _with_gold(case: EvalCase, gold: Gold) -> EvalCase:
    relevant = dict.fromkeys(gold.documents, 1)
    first = next(iter(relevant), "")
    return replace(case, relevant=relevant, gold=gold.spans, cluster=first)


def _lang(said: str, question: str) -> Lang:
    return _LANGS.get(said.lower().partition("-")[0], detect(question))


def _source(record: Mapping[str, Any], columns: Columns, wanted: Wanted) -> str:
    said = columns.text(record, "source_kind")
    if said and said != "imported":
        return said
    return "generated:ragas" if columns.generated and wanted.source == "imported" else wanted.source


def reasons(items: Sequence[LeftOut]) -> Iterator[tuple[str, int]]:
    """How often each reason was given, whatever names stand in it, the commonest first."""
    counts: dict[str, int] = {}
    for item in items:
        kind = item.reason.partition(":")[0]
        counts[kind] = counts.get(kind, 0) + 1
    yield from sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
