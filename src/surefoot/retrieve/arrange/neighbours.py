"""Puts hits that adjoin in one document together, and adds the chunks around them when asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import NonNegativeInt, PositiveInt

from surefoot.config.base import PartSettings
from surefoot.core.roles import Call, Parts, Produces, Scope, Takes
from surefoot.core.types import Chunk, Hit, Note, Query, Turn
from surefoot.retrieve.arrange.spans import Span, covered


class NeighboursSettings(PartSettings):
    """How many chunks before and after each hit are added, and how many hits there may be in all."""

    kind: Literal["neighbours"] = "neighbours"
    before: NonNegativeInt = 0
    after: NonNegativeInt = 0
    max: PositiveInt = 20


class Neighbours:
    """Groups of adjoining chunks in reading order, the group with the best hit first.

    Added chunks have the score of their hit, `by` is `neighbours`, and only those that the asker may read are added.
    A chunk whose whole text stands in the hits already, as where windows overlap, is not added.
    """

    Settings = NeighboursSettings
    takes: ClassVar[Takes] = "hits"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: NeighboursSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with its hits grouped; a hit is never dropped for a neighbour."""
        del call
        limit = max(self._settings.max, len(turn.hits))
        hits = list(turn.hits)
        hits += self._added(turn, limit - len(hits))
        grouped = tuple(hit for group in _groups(hits) for hit in group)
        if len(grouped) == len(turn.hits):
            return replace(turn, hits=grouped)
        note = Note(
            "neighbours", f"{len(grouped) - len(turn.hits)} chunks around the hits were added"
        )
        return replace(turn, hits=grouped, notes=(*turn.notes, note))

    def _added(self, turn: Turn, room: int) -> list[Hit]:
        added: list[Hit] = []
        held: dict[str, list[Span]] = {}
        for hit in turn.hits:
            held.setdefault(hit.chunk.document_id, []).append((hit.chunk.start, hit.chunk.end))
        for hit in turn.hits:
            spans = held[hit.chunk.document_id]
            for chunk in self._around(hit.chunk, turn.query):
                span = chunk.start, chunk.end
                if len(added) < room and covered(span, spans) < chunk.end - chunk.start:
                    added.append(Hit(chunk, hit.score, "neighbours"))
                    spans.append(span)
        return added

    def _around(self, chunk: Chunk, query: Query) -> list[Chunk]:
        before, after = self._settings.before, self._settings.after
        if not before and not after:
            return []
        return self._parts.index().chunks(
            chunk.document_id,
            first=max(0, chunk.index - before),
            last=chunk.index + after,
            scope=Scope(filter=query.filter, asker=query.asker),
        )


def _groups(hits: Sequence[Hit]) -> Iterator[list[Hit]]:
    """Runs of consecutive chunks of a document, ordered by the place of their best hit."""
    place = {hit.chunk.id: i for i, hit in reversed(list(enumerate(hits)))}
    runs: list[list[Hit]] = []
    for hit in sorted(hits, key=lambda hit: (hit.chunk.document_id, hit.chunk.index)):
        last = runs[-1][-1].chunk if runs else None
        if (
            last is not None
            and last.document_id == hit.chunk.document_id
            and hit.chunk.index - last.index <= 1
        ):
            runs[-1].append(hit)
        else:
            runs.append([hit])
    yield from sorted(runs, key=lambda run: min(place[hit.chunk.id] for hit in run))
