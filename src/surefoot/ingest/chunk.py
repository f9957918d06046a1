"""Cuts documents into chunks along their structure, within a budget of the encoder's own tokens.

A document that fits is not cut: short documents embed better whole than in pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from pydantic import Field, NonNegativeInt

from surefoot.config.base import PartSettings
from surefoot.core.lang import sentence_spans
from surefoot.core.roles import Encoder
from surefoot.core.types import Chunk, Document
from surefoot.ingest.blocks import Block, blocks, trimmed
from surefoot.ingest.chunkers.frame import Frame
from surefoot.ingest.pack import Room, balance, common_path, pack
from surefoot.ingest.pieces import Piece, halves, pieces

_WINDOW_CHARS = 200_000
_WHOLE_CHARS_PER_TOKEN = 16
_OVERLAP_TOKENS = 32


class StructureSettings(PartSettings):
    """Cuts along headings, paragraphs, list items, tables, code and sentences."""

    kind: Literal["structure"] = "structure"
    max_tokens: int = Field(
        default=480,
        ge=16,
        description="tokens of the solution's own encoder in a chunk; prefix, title and headings included",
    )
    pack_tokens: NonNegativeInt = Field(
        default=128, description="sections up to this size are packed with their siblings; 0 = none"
    )
    overlap: NonNegativeInt = Field(
        default=0, description="sentences of the chunk before that a chunk begins with"
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    """A chunk to be: its pieces, and from where it starts when it overlaps the one before."""

    pieces: tuple[Piece, ...]
    start: int

    @property
    def end(self) -> int:
        return self.pieces[-1].end


class StructureChunker:
    """Chunks of at most `max_tokens`, counted by the encoder on what is really embedded."""

    Settings = StructureSettings

    def __init__(self, settings: StructureSettings, encoder: Encoder) -> None:
        self._settings = settings
        self._encoder = encoder
        self._frame = Frame(encoder, settings.max_tokens)
        self.keeps_budget = settings.max_tokens <= encoder.max_tokens

    def chunk(self, document: Document) -> list[Chunk]:
        """The chunks in order; each `text` is exactly `document.text[start:end]`, all non-blank text is in one."""
        start, end = trimmed(document.text, 0, len(document.text))
        if start == end:
            return []
        if end - start <= self._settings.max_tokens * _WHOLE_CHARS_PER_TOKEN:
            whole = self._frame.cut(document, start, end)
            if self._frame.fits([whole])[0]:
                return self._frame.numbered([whole])
        found = (
            chunk
            for window in _windows(blocks(document.text, document.markup))
            for chunk in self._window(document, window)
        )
        return self._frame.numbered(found)

    def indexed_text(self, chunk: Chunk) -> str:
        """Title, heading path and lead, each on a line where the text does not begin with it, then the text."""
        return self._frame.indexed_text(chunk)

    def _window(self, document: Document, window: Sequence[Block]) -> list[Chunk]:
        settings = self._settings
        paths = {block.path for block in window}
        head = max(self._frame.adds(["\n".join((document.title, *path)) for path in paths]))
        budget = settings.max_tokens - self._frame.own_tokens - min(head, settings.max_tokens // 2)
        room = max(8, budget - min(settings.overlap * _OVERLAP_TOKENS, budget // 3))
        found = pieces(document.text, window, self._frame.adds, room)
        drafts = [
            _Draft(tuple(found[first:last]), found[first].start)
            for first, last in pack(found, Room(room, settings.pack_tokens))
        ]
        return self._checked(document, self._overlapped(document.text, drafts))

    def _overlapped(self, text: str, drafts: list[_Draft]) -> list[_Draft]:
        if not self._settings.overlap:
            return drafts
        made = drafts[:1]
        for before, draft in pairwise(drafts):
            lead = bool(draft.pieces[0].lead)
            same = before.pieces[-1].path == draft.pieces[0].path and not lead
            spans = sentence_spans(text[before.start : before.end]) if same else []
            starts = [before.start + first for first, _ in spans[1:]]
            start = starts[-self._settings.overlap :][0] if starts else draft.start
            made.append(replace(draft, start=start))
        return made

    def _checked(self, document: Document, drafts: Sequence[_Draft]) -> list[Chunk]:
        """The drafts as chunks; one that exceeds the budget when counted whole is cut again until all fit."""
        done: list[Chunk] = []
        waiting = list(drafts)
        while waiting:
            made = [
                self._frame.cut(
                    document,
                    draft.start,
                    draft.end,
                    common_path([piece.path for piece in draft.pieces]),
                    draft.pieces[0].lead,
                )
                for draft in waiting
            ]
            fits = self._frame.fits(made)
            done += [chunk for chunk, fit in zip(made, fits, strict=True) if fit]
            waiting = [
                smaller
                for draft, fit in zip(waiting, fits, strict=True)
                if not fit
                for smaller in _smaller(document.text, draft)
            ]
        return sorted(done, key=lambda chunk: (chunk.end, chunk.start))


def _smaller(text: str, draft: _Draft) -> Iterator[_Draft]:
    if draft.start < draft.pieces[0].start:
        yield replace(draft, start=draft.pieces[0].start)
    elif len(draft.pieces) > 1:
        total = sum(piece.tokens for piece in draft.pieces)
        largest = max(piece.tokens for piece in draft.pieces)
        for first, last in balance(draft.pieces, max(largest, total * 2 // 3)):
            yield _Draft(draft.pieces[first:last], draft.pieces[first].start)
    else:
        piece = draft.pieces[0]
        for half in halves(text, piece.start, piece.end):
            start, end = trimmed(text, *half)
            if end > start:
                yield _Draft((replace(piece, start=start, end=end),), start)


def _windows(found: Iterable[Block]) -> Iterator[list[Block]]:
    """Runs of blocks of bounded length, cut before a heading where there is one in time."""
    window: list[Block] = []
    for block in found:
        length = block.end - window[0].start if window else 0
        if length > 2 * _WINDOW_CHARS or (length > _WINDOW_CHARS and block.kind == "heading"):
            yield window
            window = []
        window.append(block)
    if window:
        yield window
