"""Chunks of one size, by tokens or characters, wherever that falls; only words are not cut."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from surefoot.config.base import PartSettings
from surefoot.core.lang import is_han
from surefoot.core.roles import Encoder
from surefoot.core.types import Chunk, Document
from surefoot.ingest.blocks import blocks, trimmed
from surefoot.ingest.chunkers.frame import Frame
from surefoot.ingest.pack import common_path
from surefoot.ingest.pieces import Piece

_SIGN = re.compile(r"\S")
_CHARS_PER_TOKEN = 3
_LONGEST_WORD = 40
_STEPS = 10
_FULL = 0.97


class FixedSettings(PartSettings):
    """Cuts into pieces of one size, by tokens or characters, whatever the text."""

    kind: Literal["fixed"] = "fixed"
    max_tokens: int = Field(
        default=480,
        ge=16,
        description="tokens in a chunk, counted as those of structure; never more than the encoder reads",
    )
    size_chars: PositiveInt | None = Field(
        default=None,
        description="characters in a chunk instead; max_tokens still holds. null = by tokens",
    )
    overlap: NonNegativeInt = Field(
        default=0,
        description="tokens, or characters with size_chars, of the chunk before that a chunk begins with",
    )

    @model_validator(mode="after")
    def _moves_on(self) -> Self:
        size, name = self.max_tokens, "max_tokens"
        if self.size_chars is not None:
            size, name = self.size_chars, "size_chars"
        if self.overlap > size // 2:
            raise ValueError(
                f"overlap ({self.overlap}) must not be larger than half of {name} ({size})"
            )
        return self


class FixedChunker:
    """Fills each chunk as far as whole words go; headings count for the path of a chunk, not for where it ends."""

    Settings = FixedSettings
    keeps_budget = True

    def __init__(self, settings: FixedSettings, encoder: Encoder) -> None:
        self._settings = settings
        self._frame = Frame(encoder, min(settings.max_tokens, encoder.max_tokens))

    def chunk(self, document: Document) -> list[Chunk]:
        """The chunks in order; each `text` is exactly `document.text[start:end]`, all non-blank text is in one."""
        return self._frame.chunks(document, ((piece,) for piece in self._pieces(document)))

    def indexed_text(self, chunk: Chunk) -> str:
        """Title and heading path, each on a line where the text does not begin with it, then the text."""
        return self._frame.indexed_text(chunk)

    def _pieces(self, document: Document) -> Iterator[Piece]:
        text, outline = document.text, _outline(document)
        start, last = trimmed(text, 0, len(text))
        overlaps = bool(self._settings.overlap)
        while start < last:
            end = min(last, self._end(document, start, outline))
            first, done = trimmed(text, start, end)
            yield Piece(first, done, 0, 0.0, outline.path(first, done))
            start = end
            if overlaps and end < last:
                back = _word_start(text, end - self._overlap_chars(text[first:done]), first)
                start = back if back > first else end
            start = _next_sign(text, start)

    def _end(self, document: Document, start: int, outline: _Outline) -> int:
        text = document.text
        if self._settings.size_chars is not None:
            return _word_start(text, start + self._settings.size_chars, start)
        room = self._frame.room(document.title, outline.path(start, start + 1))
        return _word_start(text, self._fill(text, start, room), start)

    def _fill(self, text: str, start: int, room: int) -> int:
        """The end of about the longest text from `start` that fits, found by measuring guesses."""
        fits, over = start + 1, len(text) + 1
        end = start + room * _CHARS_PER_TOKEN
        for _ in range(_STEPS):
            end = min(max(end, fits + 1), over - 1)
            if end <= fits:
                break
            tokens = self._frame.adds([text[start:end]])[0]
            if tokens <= room:
                fits = end
                if end == len(text) or tokens >= room * _FULL:
                    break
            else:
                over = end
            end = start + (end - start) * room // tokens
        return fits

    def _overlap_chars(self, text: str) -> int:
        overlap = self._settings.overlap
        if not overlap or self._settings.size_chars is not None:
            return overlap
        return overlap * len(text) // self._frame.adds([text])[0]


@dataclass(frozen=True, slots=True)
class _Outline:
    """Where in a document which headings stand above the text."""

    starts: list[int]
    paths: list[tuple[str, ...]]

    def path(self, start: int, end: int) -> tuple[str, ...]:
        """The headings above all of a span."""
        first = max(0, bisect_right(self.starts, start) - 1)
        last = max(first + 1, bisect_right(self.starts, end - 1))
        return common_path(self.paths[first:last]) if self.paths else ()


def _outline(document: Document) -> _Outline:
    starts: list[int] = []
    paths: list[tuple[str, ...]] = []
    for block in blocks(document.text, document.markup):
        if not paths or block.path != paths[-1]:
            starts.append(block.start)
            paths.append(block.path)
    return _Outline(starts, paths)


def _next_sign(text: str, place: int) -> int:
    """The first place from here that is not white space."""
    found = _SIGN.search(text, place)
    return found.start() if found else len(text)


def _word_start(text: str, place: int, first: int) -> int:
    """The last place up to `place` that is within no word; `place` itself where the word began before `first`."""
    if place >= len(text):
        return len(text)
    least = max(first, place - _LONGEST_WORD)
    for back in range(place, least, -1):
        if not (_is_inner(text[back - 1]) and _is_inner(text[back])):
            return back
    return place


def _is_inner(char: str) -> bool:
    return char.isalnum() and not is_han(char) and not "\u3041" <= char <= "\u30ff"
