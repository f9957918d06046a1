"""What names the content, metadata and rights of each document, so that two states of a corpus can be compared."""

from __future__ import annotations

import json
from typing import Any

from surefoot.core.digest import digest_json, document_mark
from surefoot.store.calls import wait
from surefoot.store.schema import meta_column
from surefoot.store.tables import HEADS, batches


def document_marks(table: Any) -> dict[str, str]:
    """The mark of every document that was read, by id; reads head rows only."""
    names = [name for name in wait(table.schema()).names if meta_column(name) is not None]
    found: dict[str, str] = {}
    for batch in batches(table, HEADS, ["document_id", "state", *names]):
        for row in batch.to_pylist():
            state = json.loads(row["state"])
            if state["status"] == "ok":
                meta = {name: row[name] for name in names if row[name] is not None}
                mark = document_mark(state["digest"], meta, state["acl"])
                if pending := state.get("pending"):  # what is still to be written will be found too
                    mark = digest_json([mark, pending])
                found[row["document_id"]] = mark
    return found
