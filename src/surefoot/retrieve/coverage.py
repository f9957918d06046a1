"""How much of a question the index knows by its words: below a share, keyword search is blind for it.

Asked in one language over documents in another, the keyword search still finds something (a number, a name) and a
fused list would rank it as high as what the vectors found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log

from surefoot.core.lang import content_terms, terms
from surefoot.core.rarity import chunks_for_rarity

Frequencies = Callable[[Sequence[str]], tuple[list[int], int]]


def coverages(texts: Sequence[str], frequencies: Frequencies) -> list[float]:
    """The share of each text's terms, weighted by rarity, that occur in the index at all (0 to 1).

    Terms that no document has are the rarest and weigh most. 1 for a text without terms and for an empty index.
    """
    wanted = [list(dict.fromkeys(content_terms(text) or terms(text))) for text in texts]
    every = list(dict.fromkeys(term for own in wanted for term in own))
    counts, chunks = frequencies(every)
    known = dict(zip(every, counts, strict=True))
    return [_coverage([known[term] for term in own], chunks) for own in wanted]


def sight(coverage: float, wanted: float) -> float:
    """What the keyword search counts (0 to 1) at this coverage when `wanted` is enough for it to count in full."""
    return coverage / wanted if coverage < wanted else 1.0


def _coverage(counts: Sequence[int], chunks: int) -> float:
    among = chunks_for_rarity(chunks)
    weights = [log((among + 1) / (min(count, among) + 0.5)) for count in counts]
    whole = sum(weights)
    if not chunks or whole <= 0:
        return 1.0
    return sum(weight for weight, count in zip(weights, counts, strict=True) if count) / whole
