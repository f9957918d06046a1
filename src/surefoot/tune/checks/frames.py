"""What is each text's own where many begin or end alike, as with an instruction before every question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_FEW: Final = 5
_SHARE: Final = 0.05
_LEAST_CHARS: Final = 30


def own_parts(texts: Sequence[str]) -> list[str]:
    """The texts without beginnings and ends of 30 characters and more that a twentieth of them share."""
    heads = _shared(texts)
    tails = _shared([text[::-1] for text in texts])
    return [
        text[head : len(text) - tail].strip() or text if head + tail < len(text) else text
        for text, head, tail in zip(texts, heads, tails, strict=True)
    ]


def _shared(texts: Sequence[str]) -> list[int]:
    """For each text how many of its first characters as many others share; 0 where they are few."""
    many = max(_FEW, round(_SHARE * len(texts)))
    order = sorted(range(len(texts)), key=lambda place: texts[place])
    lengths = [0] * len(texts)
    for first in range(len(texts) - many + 1):
        window = order[first : first + many]
        shared = _common(texts[window[0]], texts[window[-1]])
        if shared < _LEAST_CHARS or texts[window[0]] == texts[window[-1]]:
            continue
        for place in window:
            lengths[place] = max(lengths[place], shared)
    return lengths


def _common(one: str, other: str) -> int:
    """How many first characters are the same."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))
