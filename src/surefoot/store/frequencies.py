"""In how many chunks each term occurs, summed from what every document's head row counts of its own chunks.

Kept in memory for one version of the table. Counts the whole corpus, whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from surefoot.store.rows import term_hash

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TermCounts:
    """Sorted hashes of all terms, how many chunks hold each, and how many chunks there are."""

    hashes: NDArray[np.uint32]
    counts: NDArray[np.uint32]
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


def count_terms(passages: Any) -> TermCounts:
    """Sums over all documents; reads the statistics columns once."""
    import numpy as np

    rows = (
        passages.search()
        .where("number = -1")
        .select(["term_hashes", "term_counts"])
        .limit(None)
        .to_arrow()
    )
    chunks = passages.count_rows("number >= 0")
    hashes = rows["term_hashes"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    counts = rows["term_counts"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    order = np.argsort(hashes, kind="stable")
    unique, starts = np.unique(hashes[order], return_index=True)
    sums = np.add.reduceat(counts[order], starts) if len(starts) else counts
    return TermCounts(unique.astype(np.uint32), sums.astype(np.uint32), chunks)
