"""Gives, instead of each hit, the section that it stands in: found by a small chunk, read with what is around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import ClassVar, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import PartSettings
from surefoot.core.roles import Call, Index, Parts, Produces, Scope, Takes
from surefoot.core.types import Chunk, Hit, Note, Query, Turn
from surefoot.retrieve.arrange.spans import Span, overlap

_REACH = 64  # chunks on either side of a hit that are looked at


class ParentsSettings(PartSettings):
    """Replaces each hit by the section it belongs to, within a number of tokens."""

    kind: Literal["parents"] = "parents"
    max_tokens: PositiveInt = Field(
        default=1000,
        description="tokens of the encoder in a section; of a longer one, what is around the hit",
    )
    levels: PositiveInt | None = Field(
        default=None,
        description="headings, from the top, that name a section; null = all that the hit stands below",
    )


class Parents:
    """A section is all chunks below the hit's headings that follow each other; it has the hit's rank and signals.

    Hits of one section become one, and a section takes in nothing that a better one has. Only what the asker may
    read is added.
    """

    Settings = ParentsSettings
    takes: ClassVar[Takes] = "hits"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: ParentsSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with sections for hits; the signal `chunks` says how many chunks each holds."""
        del call
        sections: list[Hit] = []
        given: dict[str, list[Span]] = {}
        read = _Read(self._parts.index(), turn.query)
        merged = 0
        for hit in turn.hits:
            name = hit.chunk.document_id
            taken = given.setdefault(name, [])
            if any(start <= hit.chunk.start and hit.chunk.end <= end for start, end in taken):
                merged += 1
                continue
            section = self._section(hit, read, taken)
            taken.append((section.chunk.start, section.chunk.end))
            sections.append(section)
        grown = sum(hit.signals.get("chunks", 1.0) > 1 for hit in sections)
        notes = turn.notes
        if grown or merged:
            said = f"{grown} hits were replaced by their section, {merged} stand in the section of a better one"
            notes = (*notes, Note("parents", said))
        return replace(turn, hits=tuple(sections), notes=notes)

    def _section(self, hit: Hit, read: _Read, taken: Sequence[Span]) -> Hit:
        chunk = hit.chunk
        path = chunk.headings[: self._settings.levels]
        run, place = _run(read.around(chunk), chunk, path)
        if len(run) < 2:
            return hit
        text = read.text(chunk.document_id)
        if text[chunk.start : chunk.end] != chunk.text:
            return hit
        first, last = self._grown(text, run, place, taken)
        members = run[first : last + 1]
        if len(members) < 2:
            return hit
        start, end = members[0].start, max(member.end for member in members)
        section = replace(
            members[0],
            id=f"{members[0].id}+{len(members)}",
            text=text[start:end],
            end=end,
            headings=path,
        )
        return replace(hit, chunk=section, signals={**hit.signals, "chunks": float(len(members))})

    def _grown(
        self, text: str, run: Sequence[Chunk], place: int, taken: Sequence[Span]
    ) -> tuple[int, int]:
        """The first and last chunk of the run that fit around the hit, taken by turns from behind and before it."""
        first = last = place
        open_sides = [1, -1]
        while open_sides:
            side = open_sides.pop(0)
            new = last + 1 if side > 0 else first - 1
            if not 0 <= new < len(run) or any(
                overlap((run[new].start, run[new].end), span) for span in taken
            ):
                continue
            start = run[min(first, new)].start
            end = max(member.end for member in run[min(first, new) : max(last, new) + 1])
            if self._parts.encoder().count_tokens([text[start:end]])[0] > self._settings.max_tokens:
                continue
            first, last = min(first, new), max(last, new)
            open_sides.append(side)
        return first, last


class _Read:
    """What the asker may read of the hits' documents, each looked up once."""

    def __init__(self, index: Index, query: Query) -> None:
        self._index = index
        self._scope = Scope(filter=query.filter, asker=query.asker)
        self._texts: dict[str, str] = {}
        self._chunks: dict[str, list[Chunk]] = {}

    def text(self, document_id: str) -> str:
        """The document's text; empty where it is not to be read."""
        if document_id not in self._texts:
            document = self._index.document(document_id, scope=self._scope)
            self._texts[document_id] = document.text if document is not None else ""
        return self._texts[document_id]

    def around(self, chunk: Chunk) -> list[Chunk]:
        """The chunks of its document that stand near it, in order."""
        known = self._chunks.get(chunk.document_id, [])
        if not known or not known[0].index <= chunk.index <= known[-1].index:
            first, last = max(0, chunk.index - _REACH), chunk.index + _REACH
            found = self._index.chunks(chunk.document_id, first=first, last=last, scope=self._scope)
            self._chunks[chunk.document_id] = known = found
        return known


def _run(around: Sequence[Chunk], chunk: Chunk, path: tuple[str, ...]) -> tuple[list[Chunk], int]:
    """The chunks below these headings that follow each other around the chunk, and its place among them."""
    before = [other for other in around if other.index < chunk.index]
    after = [other for other in around if other.index > chunk.index]
    lead = list(takewhile(lambda other: other.headings[: len(path)] == path, reversed(before)))
    tail = list(takewhile(lambda other: other.headings[: len(path)] == path, after))
    return [*reversed(lead), chunk, *tail], len(lead)
