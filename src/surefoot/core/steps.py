"""What one stage did to a turn: for callbacks, explanations and traces. Pure values, no printing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from surefoot.core.filters import filter_to_json
from surefoot.core.types import Hit, Turn


@dataclass(frozen=True, slots=True)
class Step:
    """A stage that has run: its place in the solution file, its kind, the time it took, the turn before and after."""

    path: str
    kind: str
    seconds: float
    before: Turn
    after: Turn

    @property
    def notes(self) -> tuple[str, ...]:
        """What the stage said."""
        return tuple(note.message for note in self.after.notes[len(self.before.notes) :])


@dataclass(frozen=True, slots=True)
class Move:
    """A hit's rank before and after a stage, counted from 1; None where it was not there."""

    hit: Hit
    was: int | None
    now: int | None


def moves(step: Step) -> tuple[list[Move], list[Move]]:
    """The hits after a stage in their order, and those that it dropped, by the rank they had."""
    was = {hit.chunk.id: rank for rank, hit in enumerate(step.before.hits, 1)}
    kept = [Move(hit, was.get(hit.chunk.id), rank) for rank, hit in enumerate(step.after.hits, 1)]
    held = {move.hit.chunk.id for move in kept}
    dropped = [
        Move(hit, was[hit.chunk.id], None) for hit in step.before.hits if hit.chunk.id not in held
    ]
    return kept, dropped


def query_changes(step: Step) -> Iterator[tuple[str, str]]:
    """What a stage did to the query: `standalone`, `variant` and `guess` for texts it added, `filter` for a new filter.

    The filter is said as JSON.
    """
    before, after = step.before.query, step.after.query
    if after.standalone != before.standalone:
        yield "standalone", after.standalone
    for text in after.variants:
        if text not in before.variants:
            yield "variant", text
    for text in after.guesses:
        if text not in before.guesses:
            yield "guess", text
    if after.filter != before.filter:
        said = filter_to_json(after.filter) if after.filter is not None else None
        yield "filter", json.dumps(said, ensure_ascii=False)
