"""What each side of the search found for each thing looked for. Knows the index and the encoder, fuses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from surefoot.core.errors import TransientError
from surefoot.core.types import Hit, Note

if TYPE_CHECKING:
    from surefoot.core.roles import Index, Parts, Scope, Vectors

Side = Literal["keyword", "vector"]
_SIGNAL: dict[Side, str] = {"keyword": "bm25", "vector": "cosine"}


@dataclass(frozen=True)
class Aim:
    """One thing that is looked for: its text by keyword, and its vector, made of the text where none is given.

    A `guess` is a passage that might answer: it is embedded as one, and looked for by vector only. `name` comes before
    the names of the signals that it leaves; the question and its variants have none.
    """

    text: str
    weight: float = 1.0
    vector: Vectors | None = None
    name: str = ""
    how: Literal["question", "words", "guess"] = "question"


@dataclass(frozen=True)
class Found:
    """What one side found for one aim, best first; or why it could not search.

    `others` are chunk ids with their raw score that the list was too short to hold; `signals` the raw
    numbers of each chunk where its score is made of several.
    """

    side: Side
    aim: Aim
    hits: tuple[Hit, ...] = ()
    others: tuple[tuple[str, float], ...] = ()
    problem: TransientError | None = None
    signals: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @cached_property
    def places(self) -> dict[str, tuple[float, int]]:
        """Chunk id to raw score and rank, from 1; rank 0 for one beyond the list."""
        beyond = {name: (score, 0) for name, score in self.others}
        return beyond | {hit.chunk.id: (hit.score, rank) for rank, hit in enumerate(self.hits, 1)}


def by_keyword(aims: Sequence[Aim], index: Index, *, limit: int, scope: Scope) -> list[Found]:
    """One list for each aim that has words of the documents to look for; a guess has not."""
    return _tried(
        "keyword",
        [aim for aim in aims if aim.how != "guess"],
        lambda aim: index.keyword(aim.text, limit=limit, scope=scope),
    )


def by_vector(aims: Sequence[Aim], parts: Parts, *, limit: int, scope: Scope) -> list[Found]:
    """One list for each aim that has a vector; those to be embedded are so together, and come back with theirs."""
    try:
        aims = _embedded([aim for aim in aims if aim.how != "words"], parts)
    except TransientError as problem:
        return [Found("vector", aims[0], problem=problem)]
    return _tried(
        "vector",
        aims,
        lambda aim: (
            [] if aim.vector is None else parts.index().vector(aim.vector, limit=limit, scope=scope)
        ),
    )


def with_exact_cosines(found: Sequence[Found], index: Index) -> list[Found]:
    """The lists, those of vectors with the real cosines of the chunks that only other lists hold."""
    names = list(dict.fromkeys(hit.chunk.id for one in found for hit in one.hits))
    vectors = index.vectors(names) if names else None
    if vectors is None:
        return list(found)
    return [
        one
        if one.side != "vector" or one.aim.vector is None
        else replace(one, others=tuple(_missing(one, names, vectors @ one.aim.vector)))
        for one in found
    ]


def left_out(found: Iterable[Found]) -> Iterator[Note]:
    """What could not be searched, and why."""
    for one in found:
        if one.problem is not None:
            yield Note("search", f"the {one.side} search was left out: {one.problem}")


def explained(hit: Hit, found: Iterable[Found]) -> Hit:
    """The hit with the raw score and rank (from 1) of each side that found it, the best over what was looked for."""
    signals = dict(hit.signals)
    for one in found:
        if hit.chunk.id not in one.places:
            continue
        score, rank = one.places[hit.chunk.id]
        for kind, value in one.signals.get(hit.chunk.id, {_SIGNAL[one.side]: score}).items():
            name = f"{one.aim.name}{kind}"
            signals[name] = max(value, signals.get(name, value))
        place = f"{one.aim.name}{one.side}_rank"
        if rank:
            signals[place] = min(float(rank), signals.get(place, float(rank)))
    return replace(hit, signals=signals)


def _tried(side: Side, aims: Sequence[Aim], search: Callable[[Aim], list[Hit]]) -> list[Found]:
    try:
        return [Found(side, aim, tuple(search(aim))) for aim in aims]
    except TransientError as problem:
        return [Found(side, aims[0], problem=problem)]


def _embedded(aims: Sequence[Aim], parts: Parts) -> list[Aim]:
    guesses = [aim.text for aim in aims if aim.vector is None and aim.how == "guess"]
    texts = [aim.text for aim in aims if aim.vector is None and aim.how != "guess"]
    guessed = iter(parts.encoder().embed_passages(guesses) if guesses else ())
    asked = iter(parts.encoder().embed_queries(texts) if texts else ())
    return [
        aim
        if aim.vector is not None
        else replace(aim, vector=next(guessed if aim.how == "guess" else asked))
        for aim in aims
    ]


def _missing(
    found: Found, names: Sequence[str], cosines: Iterable[float]
) -> Iterator[tuple[str, float]]:
    return (
        (name, float(cosine))
        for name, cosine in zip(names, cosines, strict=True)
        if name not in found.places
    )
