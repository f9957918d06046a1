"""What stands around a place in a text, in words (in Chinese characters), and how far two places agree."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PIECE = re.compile(r"[A-Za-z\u00c0-\u024f']+|\d+|[\u3400-\u9fff]|[,.;:!?，。；：！？、()（）]")
_REACH = 4
SLOT = "#"


class Tokens:
    """Lower-case words, Chinese characters and marks of a text; each masked span (in order) is one `SLOT`."""

    def __init__(self, text: str, masked: Sequence[tuple[int, int]] = ()) -> None:
        found: list[tuple[str, int]] = []
        lower = text.lower() if len(text.lower()) == len(text) else text
        done = 0
        for start, end in masked:
            if start >= done:
                found += [(m.group(), m.start()) for m in _PIECE.finditer(lower, done, start)]
                found.append((SLOT, start))
                done = end
        found += [(m.group(), m.start()) for m in _PIECE.finditer(lower, done)]
        self.words = [word for word, _ in found]
        self.starts = [start for _, start in found]
        self._places = {start: place for place, start in enumerate(self.starts)}

    def place(self, start: int) -> int:
        """The index of the token that starts here; -1 where none does."""
        return self._places.get(start, -1)

    def without(self, index: int) -> Tokens:
        """These tokens but the one at `index`."""
        rest = Tokens("")
        rest.words = self.words[:index] + self.words[index + 1 :]
        return rest

    def before(self, index: int) -> list[str]:
        """Up to four tokens before `index`, nearest first."""
        return self.words[max(0, index - _REACH) : index][::-1]

    def after(self, index: int) -> list[str]:
        """Up to four tokens from `index` on."""
        return self.words[index : index + _REACH]


def agreement(left: Sequence[str], right: Sequence[str]) -> int:
    """How many tokens two sides share before they part; marks must agree but do not count."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += one[0].isalnum() or one == SLOT
    return count
