"""Among how many chunks rarity is told: a handful cannot show which words are rare."""

from __future__ import annotations

from typing import Final

FEW: Final = 50
"""Below so many chunks a corpus says little of its language: every word of a single page would be a common one."""


def chunks_for_rarity(chunks: int) -> int:
    """The number of chunks to weigh terms by, where an index has so many.

    In an index of one chunk a term that it has would weigh a fifth of one that it lacks (BM25's idf), so that one
    unknown word of a question outweighs all that the page answers. Measured in docs/benchmarks/answers.md.
    """
    return max(chunks, FEW)
