"""Searches of other views: the best text of each chunk, and how near given chunks are. Knows rows, not documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from surefoot.core.roles import PASSAGE
from surefoot.store.calls import wait
from surefoot.store.rows import Row
from surefoot.store.sql import any_value, quoted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

_OVER = 4
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
    passages: Any, vector: Vectors, chunk_ids: Sequence[str], views: Sequence[str]
) -> dict[str, dict[str, float]]:
    """By view, the cosine of each chunk's nearest vector; chunks without one are left out."""
    import numpy as np

    nearest: dict[str, dict[str, float]] = {view: {} for view in views}
    names = list(dict.fromkeys(chunk_ids))
    if not names or not nearest:
        return nearest
    if list(nearest) == [PASSAGE]:  # their ids are indexed in a corpus without views too
        place = any_value("id", names)
    else:
        place = f"{any_value('passage_id', names)} AND {any_value('view', list(nearest))}"
    query = passages.query().where(place).select(["passage_id", "view", "vector"])
    found = wait(query.to_arrow())
    if not found.num_rows:
        return nearest
    flat = found["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    matrix = flat.reshape(found.num_rows, -1)
    lengths = np.linalg.norm(matrix, axis=1) * np.linalg.norm(vector)
    cosines = matrix @ np.asarray(vector, np.float32) / np.maximum(lengths, 1e-12)
    rows = zip(found["view"].to_pylist(), found["passage_id"].to_pylist(), cosines, strict=True)
    for view, name, cosine in rows:
        held = nearest[view]
        held[name] = max(float(cosine), held.get(name, -1.0))
    return nearest
