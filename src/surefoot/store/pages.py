"""Documents in pages: which of them a list shows, told by the database before any of their states or texts is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, get_args

from surefoot.core.roles import Listing, Status
from surefoot.store.calls import wait
from surefoot.store.remembered import Remembered
from surefoot.store.rows import Row
from surefoot.store.sql import all_of, any_value, quoted
from surefoot.store.tables import HEADS, scan

_AT_ONCE: Final = 500


def heads_of(
    table: Any, part: Listing, condition: str | None, columns: Sequence[str]
) -> Iterator[Row]:
    """The head rows of a list in the order of their ids; of a part of it only the ids of others are looked at."""
    place = all_of([HEADS, condition, *_conditions(part)])
    if part.limit is None:
        yield from sorted(scan(table, place, columns), key=_id)
        return
    names = sorted(row["document_id"] for row in scan(table, place, ["document_id"]))
    for at in range(0, min(part.limit, len(names)), _AT_ONCE):
        some = names[at : min(at + _AT_ONCE, part.limit)]
        # A document that is written between the two looks is as it is now, one that is removed is not there.
        yield from sorted(
            scan(table, all_of([HEADS, any_value("document_id", some)]), columns), key=_id
        )


class StatusCounts:
    """How many documents have each status; counted once for each version of the table and condition."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self._counted: Remembered[Mapping[Status, int]] = Remembered()

    def of(self, condition: str | None) -> Mapping[Status, int]:
        """Those of the documents for which the condition holds."""
        version: int = wait(self._table.version())
        return self._counted.get(version, condition, lambda: self._count(condition))

    def _count(self, condition: str | None) -> dict[Status, int]:
        return {
            status: wait(self._table.count_rows(all_of([HEADS, condition, _status(status)])))
            for status in get_args(Status)
        }


def _conditions(part: Listing) -> Iterator[str]:
    if part.after:
        yield f"document_id > {quoted(part.after)}"
    if part.status:
        yield _status(part.status)
    if part.lang:
        yield f"lang = {quoted(part.lang)}"
    if part.text:
        text = quoted(part.text.lower())
        yield f"(strpos(lower(document_id), {text}) > 0 OR strpos(lower(title), {text}) > 0)"


def _status(status: str) -> str:
    """Quotes within texts of the state are escaped, so that none of them passes for its status."""
    said = quoted(f'"status": "{status}"')
    return f"strpos(state, {said}) > 0"


def _id(row: Row) -> str:
    name: str = row["document_id"]
    return name
