"""Hands on, while a reply is being written, what of it will stay in the answer. Asks no model."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from surefoot.core.lang import answer_tokens, detect
from surefoot.core.types import Chunk, Lang
from surefoot.generate.checking.citations import claims
from surefoot.generate.checking.verify import verify

_ENDS = re.compile(r"[.!?。！？；;…\n]")
_THOUGHTS = re.compile(r"^\s*<think>.*?(?:</think>|$)", re.DOTALL)
_TAG: Final = len("\n<think>")
_LOOP_TOKENS, _LOOP_SHARE = 40, 0.2


@dataclass
class CheckedText:
    """Tells each sentence of a reply once it is whole, checked, and sure to stay.

    The last sentence waits for the next one, and all of them for the first that a passage supports: until then the
    reply may still become a refusal. What was told is the beginning of the answer.
    """

    tell: Callable[[str], None]
    passages: Sequence[Chunk]
    lang: Lang
    on_unsupported: Literal["mark", "drop"]
    declining: str
    _said: str = field(default="", init=False)
    _told: str = field(default="", init=False)
    _ready: int = field(default=0, init=False)

    def hear(self, piece: str) -> None:
        """Takes the next piece of the reply."""
        self._said += piece
        if not _ENDS.search(piece):
            return
        text = spoken(self._said).lstrip()
        ready = _sure(text, self.declining)
        if ready <= self._ready or text[:ready].rpartition("\n")[2].count("`") % 2:
            return
        self._ready = ready
        kept = _without(text[:ready], self.declining)
        checked = verify(kept, self.passages, self.lang, on_unsupported=self.on_unsupported)
        if checked.supported and checked.text.startswith(self._told):
            self._tell(checked.text[len(self._told) :])

    def finish(self, text: str) -> None:
        """Tells what of the answer was not told yet."""
        if text.startswith(self._told):
            self._tell(text[len(self._told) :])
        else:
            self._tell(f"\n\n{text}")

    def _tell(self, text: str) -> None:
        if text:
            self._told += text
            self.tell(text)


@dataclass
class PlainText:
    """Tells a reply as it is, without the thoughts before it and the blanks around it.

    With a sentence by which the model declines, which is no part of the answer, whole sentences are told.
    """

    tell: Callable[[str], None]
    declining: str = ""
    _said: str = field(default="", init=False)
    _told: str = field(default="", init=False)

    def hear(self, piece: str) -> None:
        """Takes the next piece of the reply."""
        self._said += piece
        bare = self._said.lstrip()
        if "<think>".startswith(bare[: _TAG - 1]):
            return  # what may yet become thoughts
        text = spoken(self._said).strip()
        if self.declining:
            text = _without(text[: _sure(text, self.declining)], self.declining)
        if text.startswith(self._told):
            self._tell_up_to(text)

    def finish(self, text: str) -> None:
        """Tells what of the answer was not told yet."""
        if text.startswith(self._told):
            self._tell_up_to(text)
        else:
            self.tell(f"\n\n{text}")

    def _tell_up_to(self, text: str) -> None:
        if rest := text[len(self._told) :]:
            self._told = text
            self.tell(rest)


Teller = CheckedText | PlainText


def spoken(text: str) -> str:
    """The text without the thoughts that a model marks as such."""
    return _THOUGHTS.sub("", text)


def loops(text: str) -> bool:
    """Whether few different words fill a long text."""
    tokens = answer_tokens(text, detect(text))
    return len(tokens) >= _LOOP_TOKENS and len(set(tokens)) < _LOOP_SHARE * len(tokens)


def unlooped(text: str) -> str:
    """The text before the sentence with which it begins to repeat itself."""
    for claim in claims(text):
        if loops(text[: claim.end]):
            return text[: claim.start].rstrip()
    return text


def whole_sentences(text: str) -> str:
    """What was surely said of a reply that broke off: all but its last sentence."""
    found = claims(text)[:-1]
    return text[: found[-1].end] if found else ""


def _sure(text: str, declining: str) -> int:
    """Where the sentences end that nothing to come can change."""
    behind = len(text) - max(len(declining), _TAG)
    found = claims(unlooped(text))[:-1]
    return max((claim.end for claim in found if claim.end <= behind), default=0)


def _without(text: str, declining: str) -> str:
    place = text.lower().find(declining.rstrip(".。").lower()) if declining else -1
    if place < 0:
        return text
    return f"{text[:place]}{text[place + len(declining) :]}".strip()
