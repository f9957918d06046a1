"""What stands around a place in a text, in words (in Chinese characters), and how far two places agree."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PIECE = re.compile(r"[A-Za-z\u00c0-\u024f']+|\d+|[\u3400-\u9fff]")
_REACH = 4
SLOT = "#"


class Tokens:
    """Lower-case words and Chinese characters of a text, with their places; masked spans are one `SLOT` each."""

    def __init__(self, text: str, masked: Sequence[tuple[int, int]] = ()) -> None:
        self.words: list[str] = []
        self.starts: list[int] = []
        done = 0
        for start, end in sorted(masked):
            if start >= done:
                self._read(text, done, start)
                self._put(SLOT, start)
                done = end
        self._read(text, done, len(text))

    def _read(self, text: str, start: int, end: int) -> None:
        for match in _PIECE.finditer(text, start, end):
            self._put(match.group().lower(), match.start())

    def _put(self, word: str, start: int) -> None:
        self.words.append(word)
        self.starts.append(start)

    def place(self, start: int) -> int:
        """The index of the token that starts here; -1 where none does."""
        return self.starts.index(start) if start in self.starts else -1

    def before(self, index: int) -> list[str]:
        """Up to four tokens before `index`, nearest first."""
        return self.words[max(0, index - _REACH) : index][::-1]

    def after(self, index: int) -> list[str]:
        """Up to four tokens from `index` on."""
        return self.words[index : index + _REACH]


def agreement(left: Sequence[str], right: Sequence[str]) -> int:
    """How many tokens two sides share before they part."""
    for count, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return count
    return min(len(left), len(right))
