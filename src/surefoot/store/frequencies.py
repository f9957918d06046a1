"""In how many chunks each term occurs, summed from what every document's head row counts of its own chunks.

Kept in memory for one version of the table; maintenance keeps the sums of a large one in a table of
their own, which counts only for the version of the passages that it was made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from surefoot.store.calls import wait
from surefoot.store.rows import term_hash
from surefoot.store.sql import all_of
from surefoot.store.tables import HEADS, PASSAGES, Tables, counts_name, scan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TermCounts:
    """Sorted hashes of all terms, how many chunks hold each, and how many chunks there are."""

    hashes: NDArray[np.uint32]
    counts: NDArray[np.int64]
    chunks: int

    def of(self, terms: Sequence[str]) -> list[int]:
        """The number of chunks that hold each term."""
        import numpy as np

        if not len(self.hashes) or not terms:
            return [0] * len(terms)
        wanted = np.array([term_hash(term) for term in terms], np.uint32)
        places = np.searchsorted(self.hashes, wanted).clip(max=len(self.hashes) - 1)
        found = self.hashes[places] == wanted
        return [int(n) for n in np.where(found, self.counts[places], 0)]


def term_counts(tables: Tables, digest: str, passages: Any) -> TermCounts:
    """The counts as of the newest version of the passages: those that are kept, or counted anew."""
    import numpy as np

    table = tables.open(counts_name(digest))
    kept = [] if table is None else scan(table, f"version = {wait(passages.version())}")
    if not kept:
        return count_terms(passages)
    row = kept[0]
    hashes, counts = (
        np.frombuffer(row["hashes"], "<u4"),
        np.frombuffer(row["counts"], "<i8"),
    )
    return TermCounts(hashes, counts, row["chunks"])


def keep_term_counts(tables: Tables, digest: str, passages: Any) -> None:
    """Keeps the counts of the newest version of the passages in the place of former ones."""
    import pyarrow as pa

    version = wait(passages.version())
    schema = pa.schema(
        {
            "version": pa.int64(),
            "chunks": pa.int64(),
            "hashes": pa.large_binary(),
            "counts": pa.large_binary(),
        }
    )
    table = tables.open_or_create(counts_name(digest), schema)
    if wait(table.count_rows(f"version = {version}")):
        return
    found = count_terms(passages)
    row = {
        "version": version,
        "chunks": found.chunks,
        "hashes": found.hashes.astype("<u4").tobytes(),
        "counts": found.counts.astype("<i8").tobytes(),
    }
    wait(table.add(pa.Table.from_pylist([row], schema=schema), mode="overwrite"))


def count_terms(passages: Any, condition: str | None = None) -> TermCounts:
    """Sums over the documents for which the condition holds; reads the statistics columns once."""
    import numpy as np

    query = (
        passages.query().where(all_of([HEADS, condition])).select(["term_hashes", "term_counts"])
    )
    rows = wait(query.to_arrow())
    hashes, counts = (
        rows[name].combine_chunks().flatten().to_numpy(zero_copy_only=False).astype(np.uint64)
        for name in ("term_hashes", "term_counts")
    )
    # One sort of whole numbers, hash above count, is several times faster than sorting by a key.
    joined = np.sort((hashes << np.uint64(32)) | counts)
    sorted_hashes = (joined >> np.uint64(32)).astype(np.uint32)
    starts = np.flatnonzero(np.diff(sorted_hashes, prepend=np.uint32(0)) != 0)
    if len(joined) and (not len(starts) or starts[0] != 0):
        starts = np.concatenate([[0], starts])
    sums = np.add.reduceat((joined & np.uint64(0xFFFFFFFF)).astype(np.int64), starts)
    return TermCounts(
        sorted_hashes[starts], sums, wait(passages.count_rows(all_of([PASSAGES, condition])))
    )
