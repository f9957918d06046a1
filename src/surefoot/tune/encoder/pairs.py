"""Pair rows as the columns that trainers take. Knows no network; every row comes out or is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surefoot.core.errors import DataError
from surefoot.tune.rows import PairRow, TuningRows, read_rows

Columns = Mapping[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learnt, what chooses, what is replayed, and what shows forgetting."""

    train: tuple[PairRow, ...]
    dev: tuple[PairRow, ...] = ()
    replayed: tuple[PairRow, ...] = ()
    general: tuple[PairRow, ...] = ()

    @property
    def passages(self) -> list[str]:
        """Every passage of the rows once, those of the general rows at the end."""
        rows = (*self.train, *self.dev, *self.replayed, *self.general)
        return list(dict.fromkeys(t for row in rows for t in (row.positive, *row.negatives)))


def lesson(rows: TuningRows, general: str = "", replay: float = 0.0) -> Lesson:
    """The rows by what they are for; of the general rows `replay` for each row to learn, at most.

    Raises:
        DataError: the rows are no pairs, or none is there to learn from.
        MissingError: there is no file of general rows.
    """
    own = _pairs(rows)
    train = tuple(row for row in own if row.split == "train")
    dev = tuple(row for row in own if row.split == "dev")
    if not train:
        raise DataError("no row is there to learn from", hint='rows to learn have split = "train"')
    if not general:
        return Lesson(train, dev)
    others = _pairs(read_rows(Path(general)))
    replayed = [row for row in others if row.split == "train"][: round(replay * len(train))]
    return Lesson(train, dev, tuple(replayed), tuple(row for row in others if row.split == "dev"))


def ranking_columns(rows: Sequence[PairRow], negatives: int) -> dict[str, Columns]:
    """Question, passage and so many negatives; rows with fewer are a data set of their own, with what they have."""
    groups: dict[int, list[PairRow]] = {}
    for row in rows:
        groups.setdefault(min(negatives, len(row.negatives)), []).append(row)
    return {
        f"negatives{count}": {
            "query": [row.query for row in group],
            "positive": [row.positive for row in group],
            **{f"negative{i}": [row.negatives[i] for row in group] for i in range(count)},
        }
        for count, group in sorted(groups.items())
    }


def margin_columns(rows: Sequence[PairRow], negatives: int) -> dict[str, Columns]:
    """One line for each negative, with how far a teacher holds the passage above it.

    Raises:
        DataError: a row has no scores.
    """
    found: dict[str, list[Any]] = {"query": [], "positive": [], "negative": [], "label": []}
    for row in rows:
        if len(row.scores) != 1 + len(row.negatives) or not row.negatives:
            raise DataError(
                "has no teacher's scores for its passages",
                where=row.id,
                hint="surefoot tune data scores them with a reranker; or take another loss",
            )
        for negative, score in list(zip(row.negatives, row.scores[1:], strict=True))[:negatives]:
            for key, value in zip(
                found, (row.query, row.positive, negative, row.scores[0] - score), strict=True
            ):
                found[key].append(value)
    return {"margins": found}


def list_columns(rows: Sequence[PairRow], negatives: int) -> dict[str, Columns]:
    """Question and its passages, the right one first and labelled 1.

    Raises:
        DataError: a row has no negatives.
    """
    for row in rows:
        if not row.negatives:
            raise DataError(
                "has no passages that look alike",
                where=row.id,
                hint="surefoot tune data mines them",
            )
    docs = [[row.positive, *row.negatives[:negatives]] for row in rows]
    labels = [[1.0, *[0.0] * (len(texts) - 1)] for texts in docs]
    return {"lists": {"query": [row.query for row in rows], "docs": docs, "labels": labels}}


def single_columns(rows: Sequence[PairRow], negatives: int) -> dict[str, Columns]:
    """Question and one passage, labelled 1 or 0."""
    found: dict[str, list[Any]] = {"query": [], "passage": [], "label": []}
    for row in rows:
        for place, text in enumerate((row.positive, *row.negatives[:negatives])):
            found["query"].append(row.query)
            found["passage"].append(text)
            found["label"].append(0.0 if place else 1.0)
    return {"singles": found}


def _pairs(rows: TuningRows) -> list[PairRow]:
    found = [row for row in rows.rows if isinstance(row, PairRow)]
    if len(found) < len(rows.rows):
        raise DataError(
            "are conversations, not pairs of question and passage",
            where="the rows",
            hint="surefoot tune data --kind pairs makes pairs of documents and questions",
        )
    return found
