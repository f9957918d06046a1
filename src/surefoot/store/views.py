"""Searches of other views: the best text of each chunk, and how near given chunks are. Knows rows, not documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from surefoot.core.roles import PASSAGE
from surefoot.store.calls import wait
from surefoot.store.rows import Row
from surefoot.store.sql import all_of, any_value, quoted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

_OVER = 2
_MORE = 4


def view_condition(view: str) -> str:
    """The rows of a view that is not the passage."""
    return f"view = {quoted(view)}"


def best_of_each(search: Callable[[int], list[Row]], limit: int) -> list[Row]:
    """The first row of each chunk, for `limit` chunks where there are as many.

    `search` gives that many rows, best first. Several rows of a chunk may be among them, so more are
    asked for until there are enough chunks or no more rows.
    """
    size = limit * _OVER
    while True:
        rows = search(size)
        best: dict[str, Row] = {}
        for row in rows:
            best.setdefault(row["passage_id"], row)
        if len(best) >= limit or len(rows) < size:
            return list(best.values())[:limit]
        size *= _MORE


def nearest_cosines(
    passages: Any, vector: Vectors, chunk_ids: Sequence[str], view: str
) -> dict[str, float]:
    """The cosine of each chunk's nearest vector of the view; chunks without one are left out."""
    import numpy as np

    names = list(dict.fromkeys(chunk_ids))
    if not names:
        return {}
    column = "id" if view == PASSAGE else "passage_id"
    place = any_value(column, names)
    if view != PASSAGE:
        place = f"{all_of([view_condition(view), place])}"
    found = wait(passages.query().where(place).select([column, "vector"]).to_arrow())
    flat = found["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    matrix = flat.reshape(found.num_rows, -1) if found.num_rows else flat.reshape(0, len(vector))
    lengths = np.linalg.norm(matrix, axis=1) * np.linalg.norm(vector)
    cosines = matrix @ np.asarray(vector, np.float32) / np.maximum(lengths, 1e-12)
    nearest: dict[str, float] = {}
    for name, cosine in zip(found[column].to_pylist(), cosines.tolist(), strict=True):
        nearest[name] = max(cosine, nearest.get(name, cosine))
    return nearest
