"""When search indexes are built, refreshed and rebuilt, and what a search must be told of them.

Measured on 100,000 chunks of 384 dimensions: an exact scan costs some 1 ms of processor time for 1,000
chunks. IVF_SQ read in all its partitions finds what an exact search finds, up to the rounding of its
8-bit vectors, for a tenth of that; the best of them are scored again with the exact vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from math import ceil
from typing import Any

from surefoot.core.errors import TransientError
from surefoot.store.calls import wait
from surefoot.store.schema import VIEW_TEXT, MetaColumn, meta_column
from surefoot.store.tables import DOCUMENTS, HEADS, PASSAGES, VIEWS, Tables, passages_name

EXACT_BELOW = 20_000
"""Vectors (chunks and their other views) below which they are compared one by one."""
SCALAR_FROM = 5_000
"""Chunks from which filters and look-ups have indexes of their own."""
KEEP_VERSIONS = timedelta(minutes=10)
"""How long a superseded version stays for readers that still use it."""
TEND_ROWS = 1_000
"""Rows outside the full-text index from which `replace` refreshes it (or a fifth of those inside, if more)."""
_ROWS_A_PARTITION = 1_500
_SCANNED_ROWS = 150_000
_REBUILD_SHARE = 0.2
_TRIES = 5
_VECTOR_INDEX = "vector_idx"
_TEXT_INDEXES = ("indexed_text_idx", f"{VIEW_TEXT}_idx")


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """How searches run: for vectors `probes` of `partitions`, or exactly where there is no index.

    An index that covers every row is searched alone: planning for rows outside it takes a quarter of a search.
    `views` says whether any row is of another view than the passage.
    """

    partitions: int = 0
    probes: int = 0
    covers_vectors: bool = False
    covers_text: bool = False
    views: bool = False

    @property
    def exact(self) -> bool:
        """Whether every vector is compared at full precision."""
        return self.partitions == 0


def search_plan(passages: Any, *, views: bool = False) -> SearchPlan:
    """What the table's indexes, where there are any, ask of a search; `views` says whether other views may be there."""
    views = views and wait(passages.count_rows(VIEWS)) > 0
    text = wait(passages.index_stats(_TEXT_INDEXES[0]))
    covers_text = text is not None and text.num_unindexed_rows == 0
    stats = wait(passages.index_stats(_VECTOR_INDEX))
    if stats is None:
        return SearchPlan(covers_text=covers_text, views=views)
    partitions = _partitions(stats.num_indexed_rows)
    share = min(1.0, _SCANNED_ROWS / max(stats.num_indexed_rows, 1))
    probes = max(min(20, partitions), ceil(partitions * share))
    return SearchPlan(partitions, probes, stats.num_unindexed_rows == 0, covers_text, views)


def tend(passages: Any) -> None:
    """Refreshes the full-text indexes when too many rows are outside one."""
    for name in _TEXT_INDEXES:
        stats = wait(passages.index_stats(name))
        if stats is None:
            return
        outside = stats.num_unindexed_rows
        if outside >= max(TEND_ROWS, stats.num_indexed_rows // 5):
            _retried(partial(_compact, "passages", passages))
            return


def maintain(tables: Tables, documents: Any, passages: Any) -> list[str]:
    """Builds what pays, refreshes, compacts and forgets old versions; returns what was done, in words."""
    with tables.writing():
        done = _scalar_indexes(documents, passages)
        done += _vector_index(passages)
        for name, table in (("passages", passages), ("documents", documents)):
            done += _retried(partial(_compact, name, table))
        cleared = tables.clear_versions()
        if cleared:
            done.append(f"cleared {cleared} superseded document versions")
    return done


def forget_versions(tables: Tables) -> None:
    """Lets former versions of all tables go at once, but for those that a snapshot pins; readers in between may fail.

    A row that was deleted leaves its file when the rows around it are written anew, which compaction does from a
    tenth of them.
    """
    with tables.writing():
        tables.clear_versions()
        for name in (DOCUMENTS, *(passages_name(digest) for digest in tables.recipes())):
            table = tables.open(name)
            if table is not None:
                _retried(partial(_forget, table))


def _forget(table: Any) -> None:
    wait(table.optimize(cleanup_older_than=timedelta(milliseconds=1)))


def _compact(name: str, table: Any) -> list[str]:
    before: int = wait(table.version())
    stats = wait(table.optimize(cleanup_older_than=KEEP_VERSIONS))
    done: list[str] = []
    if wait(table.version()) != before:
        done.append(f"{name}: refreshed the search indexes and compacted")
    if stats.prune.bytes_removed:
        done.append(f"{name}: freed {stats.prune.bytes_removed} bytes of old versions")
    return done


def _scalar_indexes(documents: Any, passages: Any) -> list[str]:
    if wait(passages.count_rows(PASSAGES)) < SCALAR_FROM:
        return []
    from lancedb.index import Bitmap, BTree, LabelList

    plan: dict[str, Any] = {
        "document_id": BTree(),
        "id": BTree(),
        "acl_public": Bitmap(),
        "acl_users": LabelList(),
        "acl_groups": LabelList(),
    }
    names = wait(passages.schema()).names
    if VIEW_TEXT in names:
        plan |= {"view": Bitmap(), "passage_id": BTree()}
    for name in names:
        column = meta_column(name)
        if column is not None:
            plan[name] = _filter_index(column)
    have = {index.columns[0] for index in wait(passages.list_indices())}
    for name, config in plan.items():
        if name not in have:
            wait(passages.create_index(name, config=config))
    if not any(index.columns == ["version"] for index in wait(documents.list_indices())):
        wait(documents.create_index("version", config=BTree()))
    new = len(set(plan) - have)
    return [f"built {new} indexes for look-ups and filters"] if new else []


def _filter_index(column: MetaColumn) -> Any:
    from lancedb.index import Bitmap, BTree, LabelList

    if column.stored == "list":
        return LabelList()
    return Bitmap() if column.stored == "bool" else BTree()


def _vector_index(passages: Any) -> list[str]:
    vectors = wait(passages.count_rows(f"NOT ({HEADS})"))
    stats = wait(passages.index_stats(_VECTOR_INDEX))
    if vectors < EXACT_BELOW:
        if stats is not None:
            wait(passages.drop_index(_VECTOR_INDEX))
            return ["dropped the vector index: vector search is exact"]
        return ["vector search is exact"]
    if stats is not None and not _worn(stats, wait(passages.count_rows())):
        return [_approximate(search_plan(passages))]
    from lancedb.index import IvfSq

    config = IvfSq(distance_type="cosine", num_partitions=_partitions(vectors))
    _retried(lambda: wait(passages.create_index("vector", config=config, replace=True)))
    return [f"built the vector index over {vectors} vectors", _approximate(search_plan(passages))]


def _approximate(plan: SearchPlan) -> str:
    return (
        f"vector search is approximate: {plan.probes} of {plan.partitions} partitions are read "
        "in 8 bits, the best of them are scored exactly"
    )


def _worn(stats: Any, rows: int) -> bool:
    # Head rows, which have no vector, are counted as indexed too.
    changed = stats.num_unindexed_rows + abs(
        stats.num_indexed_rows + stats.num_unindexed_rows - rows
    )
    return bool(stats.num_indices > 2 or changed > _REBUILD_SHARE * rows)


def _partitions(rows: int) -> int:
    return max(1, min(1024, rows // _ROWS_A_PARTITION))


def _retried(action: Callable[[], Any]) -> Any:
    from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

    retrying = Retrying(
        retry=retry_if_exception_type(TransientError),
        stop=stop_after_attempt(_TRIES),
        wait=wait_exponential(multiplier=0.1, max=2),
        reraise=True,
    )
    return retrying(action)
