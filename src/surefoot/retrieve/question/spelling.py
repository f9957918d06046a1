"""Asks with mistyped words put right too. Knows which terms the index holds, and no dictionary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import PartSettings
from surefoot.core.lang import content_terms, is_han, terms
from surefoot.core.roles import Call, Frequencies, Parts, Produces, Takes, frequencies_for
from surefoot.core.types import Note, Turn
from surefoot.retrieve.question.typos import edits, homophones

_WORD = re.compile("(?<![A-Za-z0-9'’])[A-Za-z]+(?![A-Za-z0-9'’])")
_ASKING = frozenset("哪何谁啥几么吗呢")  # questions have them, documents seldom


class SpellingSettings(PartSettings):
    """A variant of the question with words that no document has replaced by near ones that documents have."""

    kind: Literal["spelling"] = "spelling"
    min_letters: PositiveInt = Field(default=4, description="shorter words are left as they are")
    han: bool = Field(
        default=True, description="put Chinese characters right that sound like the one meant"
    )


@dataclass(frozen=True, slots=True)
class Slip:
    """A place of the question, `[start, end)`, and what was probably meant there."""

    start: int
    end: int
    meant: str


class Spelling:
    """Adds one variant with every mistyped place put right; each is named in a note."""

    Settings = SpellingSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "query"

    def __init__(self, settings: SpellingSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with the variant; unchanged where every word is known or nothing near it is."""
        del call
        text = turn.query.asked
        reader = _Reader(frequencies_for(self._parts.index(), turn.query.asker), self._settings)
        slips = [*reader.words(text), *(reader.characters(text) if self._settings.han else ())]
        if not slips:
            return turn
        said = ", ".join(f"{text[slip.start : slip.end]} -> {slip.meant}" for slip in slips)
        query = replace(turn.query, variants=(*turn.query.variants, _mended(text, slips)))
        return replace(
            turn, query=query, notes=(*turn.notes, Note("spelling", f"also searched: {said}"))
        )


class _Reader:
    """Finds the slips of one question by what occurs in the documents that its asker may read."""

    def __init__(self, frequencies: Frequencies, settings: SpellingSettings) -> None:
        self._frequencies = frequencies
        self._settings = settings

    def words(self, text: str) -> list[Slip]:
        words = [
            match
            for match in _WORD.finditer(text)
            if len(match.group()) >= self._settings.min_letters and content_terms(match.group())
        ]
        known = self._counts(match.group() for match in words)
        unknown = [match for match in words if not known[match.group()]]
        found = ((match, self._nearest(match.group())) for match in unknown)
        return [Slip(match.start(), match.end(), meant) for match, meant in found if meant]

    def _nearest(self, word: str) -> str | None:
        """The likeliest known word one slip away: how often documents have it, times how likely the slip is."""
        near = edits(word)
        counts = self._counts(near)
        best = max(near, key=lambda other: (counts[other] * near[other], near[other], other))
        return best if counts[best] else None

    def characters(self, text: str) -> list[Slip]:
        """Characters whose pairs with both neighbours are unknown, where a homophone makes both known."""
        places = [
            i
            for i in range(1, len(text) - 1)
            if text[i] not in _ASKING and all(map(is_han, text[i - 1 : i + 2]))
        ]
        known = self._counts({text[i : i + 2] for place in places for i in (place - 1, place)})
        slips: list[Slip] = []
        for i in places:
            left, char, right = text[i - 1], text[i], text[i + 1]
            if known[left + char] or known[char + right] or (slips and slips[-1].end >= i):
                continue
            meant = self._sounding(left, char, right)
            if meant:
                slips.append(Slip(i, i + 1, meant))
        return slips

    def _sounding(self, left: str, char: str, right: str) -> str | None:
        others = homophones(char)
        counts = self._counts(pair for x in others for pair in (left + x, x + right))
        likely = {x: min(counts[left + x], counts[x + right]) for x in others}
        best = max(likely, key=lambda x: (likely[x], x), default="")
        return best if best and likely[best] else None

    def _counts(self, words: Iterable[str]) -> dict[str, int]:
        """In how many chunks each word occurs, whatever its ending."""
        every = list(dict.fromkeys(words))
        units = [terms(word)[0] for word in every]
        counts, _ = self._frequencies(units)
        return dict(zip(every, counts, strict=True))


def _mended(text: str, slips: Sequence[Slip]) -> str:
    for slip in sorted(slips, key=lambda slip: -slip.start):
        text = text[: slip.start] + slip.meant + text[slip.end :]
    return text
