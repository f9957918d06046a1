"""Sees to it that an answer loads nothing where it is shown: as it is written, and when it is done."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from surefoot.core.harmless import unloaded
from surefoot.core.types import Turn

_OPEN = re.compile(r"[!<][\s\S]{0,11}\Z|^ {0,3}\[[^\]\n]{0,200}\]?\Z", re.MULTILINE)
"""The end of a text that may yet become an image, a tag or a link definition."""


def without_loads(turn: Turn) -> Turn:
    """The turn with an answer that loads nothing; one that is a value stays as it is."""
    answer = turn.answer
    if answer is None or answer.value is not None:
        return turn
    return replace(turn, answer=replace(answer, text=unloaded(answer.text)))


class Unloading:
    """Passes text on as it comes, without what loads; holds back what may yet become that."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._text = ""
        self._told = 0

    def __call__(self, piece: str) -> None:
        """Takes a piece."""
        self._text += piece
        held = _OPEN.search(self._text, self._told)
        self._pass(held.start() if held else len(self._text))

    def end(self) -> None:
        """Passes on what is held back."""
        self._pass(len(self._text))

    def _pass(self, until: int) -> None:
        if until > self._told:
            self._tell(unloaded(self._text)[self._told : until])
            self._told = until
