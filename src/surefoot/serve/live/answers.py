"""Keeps whole answers for as long as nothing has changed that could change them. Knows no server."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from threading import Lock
from typing import Any, Final

from surefoot.config.solution import Solution
from surefoot.core.digest import digest_json
from surefoot.core.filters import filter_to_json
from surefoot.core.roles import Call
from surefoot.core.types import Hit, Query
from surefoot.run.workspace import Asked, Workspace

_OUTSIDE: Final = frozenset({"federate", "images"})
"""Stages that ask elsewhere, or search what the corpus version does not name: nobody says when that changes."""
_OBJECT_BYTES: Final = 500
"""What a hit, a citation or a chunk takes beside its texts."""


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """Names an answer: the solution with all its settings, what is in the corpus, the question and who asks.

    `asked` is the digest of question, language, filter, conversation, seed, wishes and who asks.
    """

    solution: str
    version: str
    asked: str


def key_of(space: Workspace, query: Query, call: Call) -> AnswerKey:
    """The key of a question as the corpus is now."""
    who = query.asker
    asked = [
        query.text,
        query.lang,
        filter_to_json(query.filter) if query.filter is not None else None,
        query.history,
        call.seed,
        asdict(call.wish),
        [who.user, sorted(who.groups), who.trusted],
    ]
    return AnswerKey(
        f"{space.solution.name} {space.resources.digest}", version_of(space), digest_json(asked)
    )


def version_of(space: Workspace) -> str:
    """The corpus version; empty where the solution searches none."""
    return "" if space.solution.corpus is None else space.resources.index().version()


def may_be_kept(asked: Asked, solution: Solution) -> bool:
    """Whether a second asker may get the same: it answers, no note may be of a failure, nothing outside was asked."""
    if asked.turn.answer is None or any(not note.steady for note in asked.turn.notes):
        return False
    return not _OUTSIDE & set(_kinds(solution.model_dump(mode="json", include={"stages"})))


def recalled(space: Workspace, kept: Asked, query: Query, call: Call) -> Asked:
    """A former answer to the same question, told and traced as one of its own, without asking any stage."""
    turn = replace(kept.turn, query=query)
    trace_id = space.pipeline.recall(turn, kept.steps, call, kept.trace_id)
    for step in kept.steps:
        if call.on_step is not None:
            call.on_step(step)
    if call.on_text is not None and turn.answer is not None:
        call.on_text(turn.answer.text)
    return Asked(turn, trace_id, kept.steps)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of an answer."""

    asked: Asked
    at_s: float
    bytes: int


@dataclass(slots=True)
class AnswerCache:
    """The answers that were asked for last, of one workspace. Safe to use from several threads.

    At most `entries` and about `bytes`, none for longer than `seconds`; 0 entries keep nothing. Answers over another
    state of the corpus go as soon as a question finds the corpus changed.
    """

    entries: int
    bytes: int
    seconds: float
    _held: OrderedDict[AnswerKey, Kept] = field(default_factory=OrderedDict, init=False)
    _size: int = field(default=0, init=False)
    _cleared: int = field(default=0, init=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    @property
    def age(self) -> int:
        """How often it was emptied; an answer that was begun before is not kept after."""
        return self._cleared

    @property
    def held(self) -> tuple[int, int]:
        """How many answers, and about how many bytes."""
        return len(self._held), self._size

    def get(self, key: AnswerKey, now_s: float) -> Asked | None:
        """The answer, where it is still one."""
        with self._lock:
            former = [one for one in self._held if one.solution == key.solution]
            for one in former:
                if one.version != key.version:
                    self._drop(one)
            kept = self._held.get(key)
            if kept is None:
                return None
            if now_s - kept.at_s >= self.seconds:
                self._drop(key)
                return None
            self._held.move_to_end(key)
            return kept.asked

    def put(self, key: AnswerKey, asked: Asked, now_s: float, age: int) -> None:
        """Keeps an answer that was begun at `age`, and lets those go that were not asked for the longest time."""
        size = _bytes(asked)
        with self._lock:
            if age != self._cleared or size > self.bytes or not self.entries:
                return
            if key in self._held:
                self._drop(key)
            self._held[key] = Kept(asked, now_s, size)
            self._size += size
            while len(self._held) > self.entries or self._size > self.bytes:
                self._drop(next(iter(self._held)))

    def clear(self) -> None:
        """Forgets all."""
        with self._lock:
            self._held.clear()
            self._size = 0
            self._cleared += 1

    def _drop(self, key: AnswerKey) -> None:
        self._size -= self._held.pop(key).bytes


def _kinds(raw: Any) -> Iterator[str]:
    """The kinds of all parts in these settings, nested ones too."""
    if isinstance(raw, dict):
        if isinstance(kind := raw.get("kind"), str):
            yield kind
        for value in raw.values():
            yield from _kinds(value)
    elif isinstance(raw, list):
        for value in raw:
            yield from _kinds(value)


def _bytes(asked: Asked) -> int:
    """About what an answer takes in memory: its texts, each once, and so much for each thing around them."""
    turns = [asked.turn, *(turn for step in asked.steps for turn in (step.before, step.after))]
    texts: dict[int, int] = {}
    things = len(turns)
    for turn in turns:
        things += len(turn.hits)
        _weigh(texts, [turn.query.text, *turn.query.variants, *turn.query.guesses])
        _weigh(texts, (said for pair in turn.query.history for said in pair))
        _weigh(texts, _of_hits(turn.hits))
        if turn.answer is not None:
            things += len(turn.answer.citations)
            _weigh(texts, [turn.answer.text, *turn.answer.unsupported])
            _weigh(texts, (one.quote for one in turn.answer.citations))
            _weigh(texts, (one.chunk.text for one in turn.answer.citations))
    return sum(texts.values()) + things * _OBJECT_BYTES


def _of_hits(hits: Iterable[Hit]) -> Iterator[str]:
    for hit in hits:
        yield from (hit.chunk.text, hit.chunk.title, hit.chunk.uri, *hit.chunk.headings)


def _weigh(texts: dict[int, int], said: Iterable[str]) -> None:
    for text in said:
        texts[id(text)] = sys.getsizeof(text)
