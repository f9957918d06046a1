"""Reads eval sets: a folder in BEIR layout (queries, judgements, answers) or a JSONL file with one case a line."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from surefoot.config.base import Settings, explain
from surefoot.core.errors import ConfigError, MissingError
from surefoot.core.lang import detect
from surefoot.core.types import EvalCase, EvalSet, Task
from surefoot.evaluate.evalsets.format import (
    CaseRow,
    HeaderRow,
    case_from_row,
    evalset_digest,
    make_evalset,
)

R = TypeVar("R", bound=Settings)


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
    name = path.resolve().name.removesuffix(".jsonl")
    if path.is_dir():
        return _made(name, _read_beir(path), path)
    if not path.is_file():
        raise MissingError(
            "there is no eval set", where=str(path), hint="a BEIR-layout folder or a .jsonl file"
        )
    return _read_jsonl(path, name)


def sample(evalset: EvalSet, n: int, *, seed: int = 0) -> EvalSet:
    """`n` cases drawn at random, in their former order; the whole set where it has no more than `n`."""
    if n < 1:
        raise ConfigError(f"cannot draw {n} questions", hint="at least 1")
    if n >= len(evalset.cases):
        return evalset
    drawn = sorted(random.Random(seed).sample(range(len(evalset.cases)), n))
    return part(evalset, [evalset.cases[place] for place in drawn])


def part(evalset: EvalSet, cases: Sequence[EvalCase]) -> EvalSet:
    """Some of the set's cases, under a digest of their own."""
    return replace(evalset, digest=evalset_digest(cases, evalset.task), cases=tuple(cases))


# ── JSONL ───────────────────────────────────────────────────────────────────────────────────────


def _read_jsonl(path: Path, name: str) -> EvalSet:
    header = HeaderRow(evalset=name)
    cases: list[EvalCase] = []
    for raw, where in _lines(path):
        if not cases and isinstance(raw, dict) and "evalset" in raw:
            header = _checked(HeaderRow, raw, where)
        else:
            cases.append(case_from_row(_checked(CaseRow, raw, where), where))
    made = _made(header.evalset, cases, path, task=header.task)
    return replace(made, version=header.version, parent=header.parent)


def _made(name: str, cases: Sequence[EvalCase], path: Path, *, task: Task = "qa") -> EvalSet:
    try:
        return make_evalset(name, cases, task=task)
    except ConfigError as problem:
        raise ConfigError(problem.message, where=str(path), hint=problem.hint) from None


def _lines(path: Path) -> Iterator[tuple[Any, str]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            where = f"{path}:{number}"
            try:
                yield json.loads(line), where
            except json.JSONDecodeError as problem:
                raise ConfigError(f"not JSON: {problem.msg}", where=where) from problem


def _checked(model: type[R], raw: object, where: str) -> R:
    try:
        return model.model_validate(raw)
    except ValidationError as problem:
        raise explain(problem, model, where=where) from None


# ── BEIR layout ─────────────────────────────────────────────────────────────────────────────────


def _read_beir(folder: Path) -> list[EvalCase]:
    queries = folder / "queries.jsonl"
    if not queries.is_file():
        raise MissingError("there is no queries.jsonl", where=str(folder))
    answers = _answers(folder / "answers.jsonl")
    judged = _judgements(folder / "qrels" / "test.tsv")
    cases = [
        _beir_case(_checked(_QueryRow, raw, where), answers, judged)
        for raw, where in _lines(queries)
    ]
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
    if not path.is_file():
        return {}
    rows = (_checked(_AnswerRow, raw, where) for raw, where in _lines(path))
    return {row.id: row.answers for row in rows}


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
