"""Cuts documents into chunks along their structure, within a budget of the encoder's own tokens.

A document that fits is not cut: short documents embed better whole than in pieces.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from pydantic import Field, NonNegativeInt

from surefoot.config.base import PartSettings
from surefoot.core.digest import sha256_bytes
from surefoot.core.lang import sentence_spans
from surefoot.core.roles import Encoder
from surefoot.core.types import Chunk, Document
from surefoot.ingest.blocks import Block, blocks, plain_title, trimmed
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
        self._frame = encoder.count_tokens(["a"])[0] - 1
        self._long_heads: dict[tuple[str, ...], bool] = {}
        self.keeps_budget = settings.max_tokens <= encoder.max_tokens

    def chunk(self, document: Document) -> list[Chunk]:
        """The chunks in order; each `text` is exactly `document.text[start:end]`, all non-blank text is in one."""
        start, end = trimmed(document.text, 0, len(document.text))
        if start == end:
            return []
        if end - start <= self._settings.max_tokens * _WHOLE_CHARS_PER_TOKEN:
            whole = self._cut(document, start, end, (), "")
            if self._fits([whole])[0]:
                return _numbered([whole], self)
        found = (
            chunk
            for window in _windows(blocks(document.text, document.markup))
            for chunk in self._window(document, window)
        )
        return _numbered(found, self)

    def indexed_text(self, chunk: Chunk) -> str:
        """Title, heading path and lead, each on a line where the text does not begin with it, then the text."""
        limit = self._settings.max_tokens // 2
        opening = chunk.text[: 4 * limit]
        head: list[str] = []
        for name in (chunk.title, *chunk.headings):
            short = " ".join(name.split())[:limit]
            if short and short not in head and not _opens_with(opening, short):
                head.append(short)
        if head and chunk.text.lstrip("# ").startswith(head[0]):
            del head[0]
        if head and self._is_long(tuple(head)):
            head = []
        return "\n".join((*head, *((chunk.lead,) if chunk.lead else ()), chunk.text))

    def _window(self, document: Document, window: Sequence[Block]) -> list[Chunk]:
        settings = self._settings
        paths = {block.path for block in window}
        head = max(self._adds(["\n".join((document.title, *path)) for path in paths]))
        budget = settings.max_tokens - self._frame - min(head, settings.max_tokens // 2)
        room = max(8, budget - min(settings.overlap * _OVERLAP_TOKENS, budget // 3))
        found = pieces(document.text, window, self._adds, room)
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
                self._cut(
                    document,
                    draft.start,
                    draft.end,
                    common_path([piece.path for piece in draft.pieces]),
                    draft.pieces[0].lead,
                )
                for draft in waiting
            ]
            fits = self._fits(made)
            done += [chunk for chunk, fit in zip(made, fits, strict=True) if fit]
            waiting = [
                smaller
                for draft, fit in zip(waiting, fits, strict=True)
                if not fit
                for smaller in _smaller(document.text, draft)
            ]
        return sorted(done, key=lambda chunk: (chunk.end, chunk.start))

    def _cut(
        self, document: Document, start: int, end: int, path: tuple[str, ...], lead: str
    ) -> Chunk:
        return Chunk(
            id="",
            document_id=document.id,
            text=document.text[start:end],
            start=start,
            end=end,
            headings=path,
            title=document.title,
            uri=document.uri,
            lang=document.lang,
            page=max(1, bisect_right(document.pages, start)) if document.pages else None,
            meta=document.meta,
            lead=lead,
        )

    def _fits(self, chunks: Sequence[Chunk]) -> list[bool]:
        counts = self._encoder.count_tokens([self.indexed_text(chunk) for chunk in chunks])
        return [
            count <= self._settings.max_tokens or chunk.end - chunk.start < 2
            for count, chunk in zip(counts, chunks, strict=True)
        ]

    def _adds(self, texts: Sequence[str]) -> list[int]:
        return [max(1, count - self._frame) for count in self._encoder.count_tokens(texts)]

    def _is_long(self, head: tuple[str, ...]) -> bool:
        """Whether title and headings alone would take over half of the budget; they are then left out."""
        limit = self._settings.max_tokens // 2
        if sum(map(len, head)) * 3 <= limit:
            return False
        known = self._long_heads.get(head)
        if known is None:
            if len(self._long_heads) > 10_000:
                self._long_heads.clear()
            known = self._adds(["\n".join(head)])[0] > limit
            self._long_heads[head] = known
        return known


def _opens_with(opening: str, heading: str) -> bool:
    """Whether one of the first lines is this heading."""
    return heading in opening and any(
        plain_title(line) == heading for line in opening.split("\n", 8)[:8]
    )


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


def _numbered(chunks: Iterable[Chunk], chunker: StructureChunker) -> list[Chunk]:
    """Gives each chunk its index and an id made of what is indexed: the same text keeps its id and its vector."""
    seen: dict[str, int] = {}
    made: list[Chunk] = []
    for index, chunk in enumerate(chunks):
        name = sha256_bytes(chunker.indexed_text(chunk).encode("utf-8", "replace"))[:16]
        seen[name] = seen.get(name, 0) + 1
        again = f"-{seen[name]}" if seen[name] > 1 else ""
        made.append(replace(chunk, index=index, id=f"{chunk.document_id}#{name}{again}"))
    return made
