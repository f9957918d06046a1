"""From hits to what they name: which hits lead on, and which passages they lead to. Knows the index, no searches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from surefoot.core.lang import content_terms
from surefoot.core.lang.entities import entity_units
from surefoot.core.roles import Index, Scope, frequencies_for
from surefoot.core.types import Chunk, Turn
from surefoot.retrieve.hops.bridges import Bridge, bridges, read_question
from surefoot.retrieve.hops.directory import Directory
from surefoot.retrieve.hops.pool import Pool

_CHUNKS_READ = (
    40  # of a document that is led to: the one with most of the question's terms is taken
)
_RARE = 5  # chunks, or the square root of their number: a name that no more of them have may be searched
_SHARED_TITLE = 0.5  # what the next document of the same title gets of the score before it


@dataclass(frozen=True, slots=True)
class Lead:
    """A passage that leads on, and the score it passes on."""

    chunk: Chunk
    score: float


@dataclass(frozen=True, slots=True)
class Link:
    """A name in a passage, and the score of what it leads to."""

    source: Chunk
    bridge: Bridge
    score: float


class Hops:
    """One question's way through the passages that its first hits name. Only what the asker may read is taken."""

    def __init__(self, turn: Turn, directory: Directory, index: Index) -> None:
        self._directory = directory
        self._index = index
        self._scope = Scope(filter=turn.query.filter, asker=turn.query.asker)
        self._frequencies = frequencies_for(index, turn.query.asker)
        self.wanted = read_question(turn.query.asked, directory, self._frequencies)
        self.pool = Pool(turn.hits, "iterate")

    def leads(self, first: int, named: float) -> list[Lead]:
        """What the question names by its title, found or not; else the first hits that have a name of the question."""
        chunks = self._chunks(self.wanted.documents)
        for chunk in chunks.values():
            self.pool.reach(chunk, self.pool.scores.get(chunk.id, 0.0), {})
            self.pool.gain(chunk.id, named, {"named": 1.0})
        if chunks:
            names = {chunk.id for chunk in chunks.values()}
            found = [hit for hit in self.pool.best(len(self.pool)) if hit.chunk.id in names]
        else:
            found = [hit for hit in self.pool.best(first) if self._has_name(hit.chunk)]
        # What is led to stands behind all that the question names: a set of evidence needs each of them.
        most = found[:first][-1].score if chunks and found else 1.0
        return [Lead(hit.chunk, min(hit.score, most)) for hit in found[:first]]

    def covered(self, leads: Sequence[Lead]) -> float:
        """The share of the question's other terms in what it is about: in each passage that it names, else in one."""
        shares = [self._coverage(lead.chunk) for lead in leads]
        return min(shares) if self.wanted.documents else max(shares)

    def links(self, lead: Lead, follow: int, weight: float) -> list[Link]:
        """The names in a passage that lead on, the best first; each passes on less than the one before.

        Names that are no document's title count where none is, and only when they are rare.
        """
        own = tuple(entity_units(lead.chunk.title))
        wanted = replace(self.wanted, names=(*self.wanted.names, own))
        found = bridges(lead.chunk.text, wanted, self._directory)
        found = [b for b in found if b.documents] or [b for b in found if self._is_rare(b.name)]
        return [
            Link(lead.chunk, bridge, lead.score * weight / rank)
            for rank, bridge in enumerate(found[:follow], start=1)
        ]

    def follow(self, links: Iterable[Link], hop: int) -> Iterator[tuple[Link, Lead]]:
        """Takes what links lead to by title into the pool; gives those that got a better score by it."""
        asked = list(links)
        chunks = self._chunks(d for link in asked for d in link.bridge.documents)
        for link in asked:
            found = [chunks[d] for d in link.bridge.documents if d in chunks]
            found.sort(key=lambda chunk: (-self._coverage(chunk, link.source), chunk.id))
            score = link.score
            for chunk in found:
                if self.take(chunk, score, hop):
                    yield link, Lead(chunk, score)
                score *= _SHARED_TITLE

    def names(self, chunk: Chunk, name: str) -> bool:
        """Whether a chunk has all words of a name."""
        return set(entity_units(name)) <= set(entity_units(f"{chunk.title} {chunk.text}"))

    def asking(self, link: Link) -> str:
        """The second question: the name, and what was asked without the names that are explained."""
        return " ".join((link.bridge.name, self.wanted.rest))

    def take(self, chunk: Chunk, score: float, hop: int) -> bool:
        """Gives a passage this score at least; false where it has more."""
        return self.pool.reach(chunk, score, {"hop": float(hop), "bridge": score})

    def _chunks(self, document_ids: Iterable[str]) -> dict[str, Chunk]:
        """A chunk of each document that may be read: the best of the hits, else the one with most of what is asked."""
        wanted = list(dict.fromkeys(document_ids))
        found = self.pool.of_documents(wanted)
        rest = [document for document in wanted if document not in found]
        ids = [name for d in rest for name in self._directory.chunks.get(d, ())[:_CHUNKS_READ]]
        for chunk in self._index.by_ids(ids, scope=self._scope) if ids else ():
            best = found.get(chunk.document_id)
            if best is None or self._coverage(chunk) > self._coverage(best):
                found[chunk.document_id] = chunk
        return found

    def _coverage(self, chunk: Chunk, source: Chunk | None = None) -> float:
        """The weight of the question's terms that a chunk has; one for having the name of where it was led from."""
        held = set(content_terms(f"{chunk.title}\n{chunk.text}"))
        weight = sum(w for term, w in self.wanted.terms.items() if term in held)
        title = set(content_terms(source.title)) if source is not None else set()
        return weight + (1.0 if title and title <= held else 0.0)

    def _is_rare(self, name: str) -> bool:
        counts, total = self._frequencies(content_terms(name))
        return min(counts, default=total) <= max(_RARE, sqrt(total))

    def _has_name(self, chunk: Chunk) -> bool:
        held = set(entity_units(f"{chunk.title} {chunk.text}"))
        return any(held.issuperset(name) for name in self.wanted.names)
