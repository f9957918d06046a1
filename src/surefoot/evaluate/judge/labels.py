"""What people said of answers: labels by question, from a file or from the eval set itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from surefoot.config.base import Settings, explain
from surefoot.core.errors import ConfigError, MissingError
from surefoot.core.lang import normalise_answer
from surefoot.core.types import EvalSet
from surefoot.evaluate.metrics import plain_answer
from surefoot.evaluate.scoring import Row

LABELS = "judged"
"""The key of a case's `meta` that may hold labels of answers to it."""


class Label(Settings):
    """A person's verdict on an answer; without the answer it holds for whatever the solution says."""

    id: str
    right: bool
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labels that fit the answers of a run, by question; `others` counts those of other answers or questions."""

    right: Mapping[str, float]
    others: int = 0


def read_labels(path: Path) -> list[Label]:
    """A JSONL file of `{"id": ..., "right": true, "answer": ...}`; `answer` may be left out.

    Raises:
        MissingError: there is no such file.
        ConfigError: a line is not a label.
    """
    if not path.is_file():
        raise MissingError("there is no such file", where=str(path), hint='{"id", "right"} a line')
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if line.strip():
            found.append(_label(line, f"{path}:{number}"))
    if not found:
        raise ConfigError("there are no labels", where=str(path))
    return found


def labels_of(evalset: EvalSet) -> list[Label]:
    """The labels in the `judged` lists of the cases' `meta`.

    Raises:
        ConfigError: an entry is not a label.
    """
    return list(_in_cases(evalset))


def fitting(labels: Sequence[Label], rows: Sequence[Row]) -> Labelled:
    """The labels of what was said in these rows; a label of another answer says nothing about this one."""
    said = {row.id: row for row in rows}
    right: dict[str, float] = {}
    others = 0
    for label in labels:
        row = said.get(label.id)
        if row is None or not _same(label.answer, row):
            others += 1
        else:
            right[label.id] = float(label.right)
    return Labelled(right, others)


def _in_cases(evalset: EvalSet) -> Iterator[Label]:
    for case in evalset.cases:
        for entry in case.meta.get(LABELS, ()):
            yield _valid({**entry, "id": case.id}, f"{evalset.name}: question {case.id}")


def _label(line: str, where: str) -> Label:
    try:
        return Label.model_validate_json(line)
    except ValidationError as problem:
        raise explain(problem, Label, where=where) from None


def _valid(entry: Mapping[str, Any], where: str) -> Label:
    try:
        return Label.model_validate(entry)
    except ValidationError as problem:
        raise explain(problem, Label, where=where) from None


def _same(labelled: str | None, row: Row) -> bool:
    if labelled is None:
        return True
    texts = (plain_answer(text) for text in (labelled, row.answer or ""))
    first, second = (normalise_answer(text, "other") for text in texts)
    return first == second
