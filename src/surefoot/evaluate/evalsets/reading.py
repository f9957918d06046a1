"""Reads eval sets: a folder in BEIR layout (queries, judgements, answers) or a JSONL file with one case a line."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from surefoot.config.base import Settings, explain
from surefoot.core.digest import digest_json
from surefoot.core.errors import ConfigError, MissingError
from surefoot.core.filters import filter_to_json, parse_filter
from surefoot.core.lang import detect
from surefoot.core.types import EvalCase, EvalSet, GoldSpan, Lang, Split

R = TypeVar("R", bound=Settings)


class GoldRow(Settings):
    """Evidence: a document, and the characters `[start, end)` of it that read `quote`."""

    doc: str = Field(min_length=1)
    quote: str = ""
    start: int | None = None
    end: int | None = None
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
    cluster: str = ""
    split: Split = ""
    source: str = "human"


class _QueryRow(Settings, extra="ignore"):
    id: str = Field(alias="_id", min_length=1)
    text: str = Field(min_length=1)
    metadata: dict[str, Any] = Field(default_factory=dict)


class _AnswerRow(Settings, extra="ignore"):
    id: str = Field(alias="_id", min_length=1)
    answers: tuple[str, ...]


def load_evalset(path: Path) -> EvalSet:
    """The eval set in a BEIR-layout folder or a `.jsonl` file, cases in the order of the file.

    In a BEIR layout an empty list of answers says that the documents do not answer the question.

    Raises:
        MissingError: there is nothing at `path`, or no `queries.jsonl` in the folder.
        ConfigError: a line is bad; `where` is `file:line`.
    """
    if path.is_dir():
        cases = _read_beir(path)
    elif path.is_file():
        cases = [_case(row, where) for row, where in _parsed(path, CaseRow)]
    else:
        raise MissingError(
            "there is no eval set", where=str(path), hint="a BEIR-layout folder or a .jsonl file"
        )
    _check(cases, path)
    return EvalSet(path.resolve().name.removesuffix(".jsonl"), evalset_digest(cases), tuple(cases))


def evalset_digest(cases: Sequence[EvalCase]) -> str:
    """Names the content of the cases; their order does not matter."""
    return digest_json(sorted((_plain(case) for case in cases), key=lambda row: str(row["id"])))


def sample(evalset: EvalSet, n: int, *, seed: int = 0) -> EvalSet:
    """`n` cases drawn at random, in their former order; the whole set where it has no more than `n`."""
    if n < 1:
        raise ConfigError(f"cannot draw {n} questions", hint="at least 1")
    if n >= len(evalset.cases):
        return evalset
    drawn = sorted(random.Random(seed).sample(range(len(evalset.cases)), n))
    cases = tuple(evalset.cases[place] for place in drawn)
    return replace(evalset, digest=evalset_digest(cases), cases=cases)


def _plain(case: EvalCase) -> dict[str, Any]:
    row = asdict(replace(case, filter=None))
    row["filter"] = filter_to_json(case.filter) if case.filter else None
    return row


def _check(cases: Sequence[EvalCase], path: Path) -> None:
    if not cases:
        raise ConfigError("the eval set has no questions", where=str(path))
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise ConfigError(f"two questions have the id {case.id!r}", where=str(path))
        seen.add(case.id)


# ── JSONL ───────────────────────────────────────────────────────────────────────────────────────


def _case(row: CaseRow, where: str) -> EvalCase:
    if not row.answerable and (row.answers or any(gold.grade for gold in row.gold)):
        raise ConfigError("a question that is not answerable has no answers or gold", where=where)
    relevant: dict[str, int] = {}
    for gold in row.gold:
        relevant[gold.doc] = max(gold.grade, relevant.get(gold.doc, 0))
    return EvalCase(
        id=row.id,
        question=row.question,
        lang=row.lang or detect(row.question),
        relevant=relevant,
        answers=row.answers,
        answerable=row.answerable,
        filter=parse_filter(row.filter, where=f"{where}: filter") if row.filter else None,
        tags=row.tags,
        gold=tuple(
            GoldSpan(gold.doc, gold.quote, gold.start, gold.end, gold.grade)
            for gold in row.gold
            if gold.quote or gold.start is not None
        ),
        cluster=row.cluster or next((gold.doc for gold in row.gold if gold.grade), ""),
        split=row.split,
        source=row.source,
    )


def _parsed(path: Path, model: type[R]) -> Iterator[tuple[R, str]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            where = f"{path}:{number}"
            try:
                yield model.model_validate(json.loads(line)), where
            except json.JSONDecodeError as problem:
                raise ConfigError(f"not JSON: {problem.msg}", where=where) from problem
            except ValidationError as problem:
                raise explain(problem, model, where=where) from None


# ── BEIR layout ─────────────────────────────────────────────────────────────────────────────────


def _read_beir(folder: Path) -> list[EvalCase]:
    queries = folder / "queries.jsonl"
    if not queries.is_file():
        raise MissingError("there is no queries.jsonl", where=str(folder))
    answers = _answers(folder / "answers.jsonl")
    judged = _judgements(folder / "qrels" / "test.tsv")
    cases = [_beir_case(row, answers, judged) for row, _ in _parsed(queries, _QueryRow)]
    known = {case.id for case in cases}
    for file, ids in (("answers.jsonl", answers), ("qrels/test.tsv", judged)):
        if stray := sorted(set(ids) - known):
            raise ConfigError(
                f"the question {stray[0]!r} is not in queries.jsonl", where=str(folder / file)
            )
    return cases


def _beir_case(
    row: _QueryRow, answers: Mapping[str, tuple[str, ...]], judged: Mapping[str, dict[str, int]]
) -> EvalCase:
    lang = row.metadata.get("lang")
    given = answers.get(row.id)
    return EvalCase(
        id=row.id,
        question=row.text,
        lang=lang if lang in ("en", "zh", "other") else detect(row.text),
        relevant=judged.get(row.id, {}),
        answers=given or (),
        answerable=given != (),
        meta=row.metadata,
        cluster=next((name for name, grade in judged.get(row.id, {}).items() if grade), ""),
    )


def _answers(path: Path) -> dict[str, tuple[str, ...]]:
    return {row.id: row.answers for row, _ in _parsed(path, _AnswerRow)} if path.is_file() else {}


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    if not path.is_file():
        return {}
    found: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, fields in enumerate(
            csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), start=1
        ):
            if not fields or (number == 1 and fields[0] in ("query-id", "qid")):
                continue
            if len(fields) != 3 or not fields[2].strip().lstrip("-").isdigit():
                raise ConfigError(
                    "must be query-id, corpus-id and a whole-number score, tab separated",
                    where=f"{path}:{number}",
                )
            found.setdefault(fields[0], {})[fields[1]] = int(fields[2])
    return found
