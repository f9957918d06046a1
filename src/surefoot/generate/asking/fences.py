"""Takes the fences of passages out of a reply: they are told to the model alone, and no answer is to hold them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

NOTE: Final = "the reply repeated the fences of the passages: they were taken out"
_LONGEST: Final = 40  # characters of a fence with all that belongs to it


def unfenced(text: str, mark: str) -> str:
    """The text without fences that carry this mark; as it is where there is none."""
    return _fence(mark).sub("", text) if mark and mark in text else text


@dataclass
class Unfenced:
    """Hands on a reply as it is written, without fences; what may become one waits for what comes after it."""

    tell: Callable[[str], None]
    mark: str
    _said: str = field(default="", init=False)
    _told: int = field(default=0, init=False)

    def hear(self, piece: str) -> None:
        """Takes the next piece of the reply."""
        self._said += piece
        text = unfenced(self._said[: self._sure()], self.mark)
        if rest := text[self._told :]:
            self._told = len(text)
            self.tell(rest)

    def _sure(self) -> int:
        """Up to where no fence may be under way: one begins with its bracket, or with the mark or a part of it."""
        start = max(0, len(self._said) - _LONGEST)
        named = self._said.find(self.mark, start)
        begun = [self._said.find("(", start), named - (self._said[max(0, named - 1)] == "(")]
        parts = (n for n in range(len(self.mark) - 1, 0, -1) if self._said.endswith(self.mark[:n]))
        begun.append(len(self._said) - next(parts, 0))
        return min(place for place in begun if place >= 0)


def _fence(mark: str) -> re.Pattern[str]:
    return re.compile(rf"\(?{re.escape(mark)}\)?(?:[ \t]*end\b(?:[ \t]*\[\d+\])?)?[ \t]*\n?")
