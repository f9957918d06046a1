"""What solutions share is computed once: the stages they begin with, and what index and encoder are asked.

Whoever takes something from the shelf is charged what it took when it was made. Knows no solution and no score.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from surefoot.core.metering import metered
from surefoot.core.roles import PASSAGE, Call, Encoder, Index, Meter, Scope, Stage
from surefoot.core.types import Chunk, Expense, Hit, Turn, Usage

if TYPE_CHECKING:
    from surefoot.core.roles import TokenVectors, Vectors

T = TypeVar("T")

ROOM = 200_000
"""Hits and vectors that are held at most: 100 to 400 MB, by how many signals a hit has."""

_CHUNKS = 100_000
_SMALL = 4
"""What something small weighs beside a hit."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Something made, and what making it took."""

    value: Any
    expense: Expense


class Shelf:
    """Holds what was made under its key; what was not used for longest goes first.

    `charged` adds up the expense of what was taken since it was last `settled`. While it is `idle`, everything is
    made anew and nothing is kept.
    """

    def __init__(self, room: int = ROOM, *, wall: Callable[[], float] = perf_counter) -> None:
        self._room = room
        self._wall = wall
        self._held: OrderedDict[Hashable, tuple[Kept, int]] = OrderedDict()
        self._weight = 0
        self._charged = Expense()
        self.idle = False

    def get(self, key: Hashable) -> Kept | None:
        """What is held under the key; nothing is charged."""
        if self.idle or key not in self._held:
            return None
        self._held.move_to_end(key)
        return self._held[key][0]

    def put(self, key: Hashable, kept: Kept, weight: int = _SMALL) -> None:
        """Holds something; `weight` counts hits."""
        if self.idle or key in self._held:
            return
        self._held[key] = (kept, weight)
        self._weight += weight
        while self._weight > self._room:
            _, (_, light) = self._held.popitem(last=False)
            self._weight -= light

    def once(self, key: Hashable, make: Callable[[], T], weight: Callable[[T], int]) -> T:
        """What is held under the key, which is charged; made where nothing is."""
        kept = self.get(key)
        if kept is not None:
            self._charged = self._charged + kept.expense
            return cast("T", kept.value)
        read, began, busy = Meter(), self._wall(), process_time()
        with metered(read):
            made = make()
        spent = Expense(self._wall() - began, process_time() - busy, read.usage)
        self._charged = self._charged + Expense(usage=read.usage)  # time runs for whoever waits
        self.put(key, Kept(made, spent), weight(made))
        return made

    def settled(self) -> Expense:
        """What was charged since it was last asked."""
        charged, self._charged = self._charged, Expense()
        return charged


class SharedIndex:
    """An index whose answers are kept; all that is not a search goes straight to it."""

    def __init__(self, index: Index, shelf: Shelf, name: str) -> None:
        self._index = index
        self._shelf = shelf
        self._name = name
        self._chunks: dict[str, Chunk] = {}

    def keyword(
        self, text: str, *, limit: int, scope: Scope = Scope(), view: str = PASSAGE
    ) -> list[Hit]:
        """The index's own, once."""
        return self._hits(
            ("keyword", text, limit, scope, view),
            lambda: self._index.keyword(text, limit=limit, scope=scope, view=view),
        )

    def vector(
        self, vector: Vectors, *, limit: int, scope: Scope = Scope(), view: str = PASSAGE
    ) -> list[Hit]:
        """The index's own, once."""
        return self._hits(
            ("vector", vector.tobytes(), limit, scope, view),
            lambda: self._index.vector(vector, limit=limit, scope=scope, view=view),
        )

    def cosines(
        self, vector: Vectors, chunk_ids: Sequence[str], views: Sequence[str] = (PASSAGE,)
    ) -> dict[str, dict[str, float]]:
        """The index's own, once."""
        key = (self._name, "cosines", vector.tobytes(), tuple(chunk_ids), tuple(views))
        return self._shelf.once(
            key, lambda: self._index.cosines(vector, chunk_ids, views), lambda _: len(chunk_ids)
        )

    def frequencies(self, terms: Sequence[str], *, scope: Scope = Scope()) -> tuple[list[int], int]:
        """The index's own, once."""
        key = (self._name, "frequencies", tuple(terms), scope)
        return self._shelf.once(
            key, lambda: self._index.frequencies(terms, scope=scope), lambda _: _SMALL
        )

    def _hits(self, key: tuple[Hashable, ...], make: Callable[[], list[Hit]]) -> list[Hit]:
        def weighed(hits: list[Hit]) -> int:
            return len(hits) + _SMALL

        held = self._shelf.once((self._name, *key), lambda: self._once(make()), weighed)
        return list(held)

    def _once(self, hits: list[Hit]) -> list[Hit]:
        """The hits with each chunk in memory once, however many lists it is in."""
        if len(self._chunks) > _CHUNKS:
            self._chunks.clear()
        return [
            replace(hit, chunk=self._chunks.setdefault(hit.chunk.id, hit.chunk)) for hit in hits
        ]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


class SharedEncoder:
    """An encoder that reads each question once; passages go straight to it."""

    def __init__(self, encoder: Encoder, shelf: Shelf) -> None:
        self._encoder = encoder
        self._shelf = shelf
        self._name = encoder.digest

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """The encoder's own, once."""
        key = (self._name, "queries", *texts)
        return self._shelf.once(key, lambda: self._encoder.embed_queries(texts), len)

    def __getattr__(self, name: str) -> Any:
        if name == "embed_tokens":
            return self._tokens(getattr(self._encoder, name))
        return getattr(self._encoder, name)

    def _tokens(
        self, embed: Callable[[Sequence[str], str], list[TokenVectors]]
    ) -> Callable[[Sequence[str], Literal["query", "passage"]], list[TokenVectors]]:
        def once(texts: Sequence[str], side: Literal["query", "passage"]) -> list[TokenVectors]:
            if side == "passage":
                return embed(texts, side)
            key = (self._name, "tokens", *texts)
            return self._shelf.once(
                key, lambda: embed(texts, side), lambda made: sum(len(one.spans) for one in made)
            )

        return once


@dataclass(frozen=True, slots=True)
class Step:
    """A stage, and the name of all that stands up to it: corpus, settings of the stages before it and its own."""

    name: str
    stage: Stage


def walked(steps: Sequence[Step], turn: Turn, call: Call, shelf: Shelf) -> tuple[Turn, Expense]:
    """The turn after all steps, and what it took or would have taken alone; equal beginnings are walked once.

    The meter of the call gets what was consumed, whoever consumed it first.
    """
    question = turn.query
    place, expense = 0, Expense()
    for at in range(len(steps), 0, -1):
        kept = shelf.get((steps[at - 1].name, question))
        if kept is not None:
            place, turn, expense = at, kept.value, kept.expense
            call.meter.add(expense.usage)
            break
    for step in steps[place:]:
        if turn.answer is not None:
            break  # a route may answer or refuse before the search
        call.check_deadline()
        turn, spent = _stepped(step, turn, call, shelf)
        expense = expense + spent
        shelf.put((step.name, question), Kept(turn, expense), len(turn.hits) + _SMALL)
    return turn, expense


def _stepped(step: Step, turn: Turn, call: Call, shelf: Shelf) -> tuple[Turn, Expense]:
    shelf.settled()
    before, began, busy = call.meter.usage, perf_counter(), process_time()
    with metered(call.meter):
        after = step.stage(turn, call)
    spent = Expense(perf_counter() - began, process_time() - busy)
    charged = shelf.settled()
    call.meter.add(charged.usage)
    return after, Expense(
        spent.wall_s + charged.wall_s,
        spent.cpu_s + charged.cpu_s,
        _consumed(before, call.meter.usage),
    )


def _consumed(before: Usage, after: Usage) -> Usage:
    return Usage(
        after.prompt_tokens - before.prompt_tokens,
        after.completion_tokens - before.completion_tokens,
        after.cost - before.cost,
        after.calls - before.calls,
        after.encoder_tokens - before.encoder_tokens,
        after.unpriced - before.unpriced,
    )
