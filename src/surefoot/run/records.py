"""The small records of a workspace, open for one use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from surefoot.run.places import INNER
from surefoot.store.records import RecordBook

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace


@contextmanager
def records_of(space: Workspace) -> Iterator[RecordBook]:
    """The records of a workspace, in the database of its ledger."""
    book = RecordBook.at(space.root / INNER, space.settings.settings.ledger)
    try:
        yield book
    finally:
        book.close()
