"""Drops hits that a better hit says already: copies, near copies, and chunks that overlap in one document.

Few hits are compared, so all pairs are, exactly. Two texts that differ in a number or a name are never copies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar, Literal

from pydantic import Field

from surefoot.config.base import PartSettings
from surefoot.core.lang import terms
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Chunk, Hit, Note, Turn
from surefoot.retrieve.arrange.spans import covered

_FACT = re.compile(r"\d+(?:[.,:/-]\d+)*|(?<=[a-z,;] )[A-Z][\w'-]+")


class DistinctSettings(PartSettings):
    """Drops hits whose words or characters better hits hold already."""

    kind: Literal["distinct"] = "distinct"
    words: float = Field(
        default=0.9,
        gt=0,
        le=1,
        description="share of a hit's pairs of neighbouring words in one better hit, from which it is dropped",
    )
    overlap: float = Field(
        default=0.8,
        gt=0,
        le=1,
        description="share of a hit's characters in better hits of its document, from which it is dropped",
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    """A hit that stays, with what others are compared with."""

    chunk: Chunk
    words: frozenset[tuple[str, ...]]
    facts: frozenset[str]


class Distinct:
    """Of hits that say the same, the best one stays where it is."""

    Settings = DistinctSettings
    takes: ClassVar[Takes] = "hits"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: DistinctSettings, parts: Parts) -> None:
        del parts
        self._settings = settings

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn without such hits; a note for each says which one is kept instead."""
        del call
        hits: list[Hit] = []
        kept: list[_Kept] = []
        notes = list(turn.notes)
        for hit in turn.hits:
            one = _Kept(hit.chunk, _pairs(hit.chunk.text), _facts(hit.chunk.text))
            reason = self._overlaps(one, kept) or self._copies(one, kept)
            if reason:
                notes.append(Note("distinct", f"left out {hit.chunk.id}: {reason}"))
            else:
                hits.append(hit)
                kept.append(one)
        return replace(turn, hits=tuple(hits), notes=tuple(notes))

    def _overlaps(self, one: _Kept, kept: list[_Kept]) -> str:
        chunk = one.chunk
        same = [other.chunk for other in kept if other.chunk.document_id == chunk.document_id]
        shared = covered((chunk.start, chunk.end), ((c.start, c.end) for c in same))
        share = shared / max(1, chunk.end - chunk.start)
        if share < self._settings.overlap:
            return ""
        names = ", ".join(
            c.id for c in same if covered((chunk.start, chunk.end), [(c.start, c.end)])
        )
        return f"{share:.0%} of its text is in {names}"

    def _copies(self, one: _Kept, kept: list[_Kept]) -> str:
        for other in kept:
            share = len(one.words & other.words) / max(1, len(one.words))
            if share >= self._settings.words and one.facts <= other.facts:
                return f"{share:.0%} of its words are in {other.chunk.id}"
        return ""


def _pairs(text: str) -> frozenset[tuple[str, ...]]:
    """The pairs of neighbouring terms; a text of one term gives that term."""
    found = terms(text)
    return frozenset(pairwise(found)) if len(found) > 1 else frozenset((term,) for term in found)


def _facts(text: str) -> frozenset[str]:
    """The numbers, and the names inside English sentences."""
    return frozenset(_FACT.findall(text))
