"""What every chunk names, read from the passages table. Knows rows, not graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from surefoot.core.roles import Mention
from surefoot.core.types import Chunk
from surefoot.store.calls import wait
from surefoot.store.rows import chunk_of
from surefoot.store.schema import ENTITIES
from surefoot.store.sql import all_of, any_value
from surefoot.store.tables import PASSAGES, batches, scan

_ASKED_AT_ONCE = 500


def read_mentions(passages: Any, condition: str | None = None) -> tuple[Mention, ...]:
    """A mention a chunk, ordered by document and place; titles and entities that repeat are one object."""
    held = wait(passages.schema()).names
    columns = ["document_id", "number", "id", "title", *([ENTITIES] if ENTITIES in held else [])]
    rows: list[tuple[str, int, Mention]] = []
    words: dict[str, str] = {}
    for batch in batches(passages, all_of([PASSAGES, condition]), columns):
        cells = batch.to_pydict()
        entities = cells.get(ENTITIES) or [None] * len(batch)
        for document_id, number, name, title, keys in zip(
            *(cells[column] for column in columns[:4]), entities, strict=True
        ):
            own = tuple(words.setdefault(key, key) for key in keys or ())
            title = words.setdefault(title or "", title or "")
            rows.append((document_id, number, Mention(name, document_id, title, own)))
    rows.sort(key=lambda row: row[:2])
    return tuple(row[2] for row in rows)


def chunks_by_ids(passages: Any, chunk_ids: Sequence[str], condition: str | None) -> list[Chunk]:
    """The chunks in the order asked for; those that are gone or do not meet the condition are left out."""
    wanted = list(dict.fromkeys(chunk_ids))
    found: dict[str, Chunk] = {}
    for at in range(0, len(wanted), _ASKED_AT_ONCE):
        place = all_of([PASSAGES, any_value("id", wanted[at : at + _ASKED_AT_ONCE]), condition])
        for row in scan(passages, place, ["id", "chunk"]):
            found[row["id"]] = chunk_of(row["chunk"])
    return [found[name] for name in wanted if name in found]
