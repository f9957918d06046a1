"""Finds texts that nearly copy each other: by the share of common runs of three characters, two in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING
from zlib import crc32

from surefoot.core.lang.detect import mostly_han
from surefoot.core.lang.normalise import fold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEAR = 0.75
_RUN, _HAN_RUN = 3, 2
_BUCKETS = 2048
_ROWS = 1024
_FEW = 200  # up to which comparing all pairs is quicker than choosing among them
_WORDS = re.compile(r"[^\W_]+")
_BESIDE_HAN = re.compile(r"(?<=[\u3400-\u9fff]) | (?=[\u3400-\u9fff])")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NAME = re.compile(r"(?<=\S )[A-Z][\w'-]+")

Pair = tuple[int, int, float]
"""Places of two texts, the earlier first, and their likeness from 0 to 1."""


def near_copies(texts: Sequence[str], *, threshold: float = NEAR) -> Iterator[Pair]:
    """The pairs of texts at least so alike, which also give the same numbers and (in English) the same names.

    Exact: the product of two counts of hashed runs is never less than what two texts have in common, so only pairs
    are compared for which it is enough. Time grows with the square: 0.3 s for 3,000 questions.
    """
    grams = [_grams(text) for text in texts]
    pairs = (
        combinations(range(len(texts)), 2) if len(texts) <= _FEW else _candidates(grams, threshold)
    )
    for first, second in pairs:
        common = len(grams[first] & grams[second])
        likeness = common / (len(grams[first]) + len(grams[second]) - common)
        if likeness >= threshold and same_facts(texts[first], texts[second]):
            yield first, second, likeness


def plain_words(text: str) -> str:
    """Under which two texts are one: folded, words alone, no spaces beside Han characters."""
    return _BESIDE_HAN.sub("", " ".join(_WORDS.findall(fold(text))))


def same_facts(text: str, other: str) -> bool:
    """Whether two texts give the same numbers, and each the names inside the other's English sentences."""
    mine, theirs = fold(text), fold(other)
    if set(_NUMBER.findall(mine)) != set(_NUMBER.findall(theirs)):
        return False
    return all(
        name.lower() in words
        for names, words in ((_NAME.findall(text), theirs), (_NAME.findall(other), mine))
        for name in names
    )


def _grams(text: str) -> frozenset[str]:
    padded = f" {plain_words(text)} "
    run = _HAN_RUN if mostly_han(text) else _RUN
    return frozenset(padded[i : i + run] for i in range(max(1, len(padded) - run + 1)))


def _candidates(grams: Sequence[frozenset[str]], threshold: float) -> Iterator[tuple[int, int]]:
    """The pairs that may have enough in common."""
    import numpy as np

    counts = _counts(grams)
    sizes = np.array([len(own) for own in grams], dtype=np.float32)
    share = threshold / (1 + threshold)
    for start in range(0, len(grams), _ROWS):
        rows = counts[start : start + _ROWS].astype(np.float32)
        others = counts[start:].astype(np.float32)
        enough = rows @ others.T >= share * (sizes[start : start + _ROWS, None] + sizes[start:])
        for row, column in np.argwhere(np.triu(enough, 1)):
            yield start + int(row), start + int(column)


def _counts(grams: Sequence[frozenset[str]]) -> NDArray[np.uint8]:
    """How many runs of each text fall into each bucket (texts x buckets)."""
    import numpy as np

    counts = np.zeros((len(grams), _BUCKETS), dtype=np.uint8)
    for place, own in enumerate(grams):
        buckets = [crc32(gram.encode("utf-8", "surrogatepass")) % _BUCKETS for gram in own]
        counts[place] = np.minimum(np.bincount(buckets, minlength=_BUCKETS), 255)
    return counts
