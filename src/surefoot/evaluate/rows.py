"""A question's outcome as plain values, for files and the ledger, and back; and the outcomes that two runs share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from surefoot.evaluate.scoring import Row


def row_to_plain(row: Row) -> dict[str, Any]:
    """Plain values for `json.dumps`; `row_from_plain` gives an equal row back, also after JSON."""
    plain: dict[str, Any] = _rows().dump_python(row)
    return plain


def row_from_plain(plain: Mapping[str, Any]) -> Row:
    """The row; fields that another version wrote and this one does not know are left out."""
    return _rows().validate_python(plain)


def shared_rows(base: Sequence[Row], other: Sequence[Row]) -> list[tuple[Row, Row]]:
    """The questions that both runs asked in the same words, the base's row first, in the order of the other run."""
    asked = {row.id: row for row in base}
    return [
        (asked[row.id], row)
        for row in other
        if row.id in asked and asked[row.id].question == row.question
    ]


@cache
def _rows() -> TypeAdapter[Row]:
    return TypeAdapter(Row)
