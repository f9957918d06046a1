"""The graph of a corpus: chunks, the entities they name, and the documents whose titles they name.

Built once a corpus version from what the index keeps; a walk only touches what lies around a question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from surefoot.core.lang.entities import related
from surefoot.core.roles import Mention
from surefoot.retrieve.hops.directory import Directory

_HUB = 100
"""Chunks from which an entity is a hub: what so many name leads nowhere in particular."""
_MAX_STEPS = 2000
_TITLE_WEIGHT = 2.0  # of a mention of a title beside that of a shared entity of the same rarity


@dataclass(frozen=True, slots=True)
class Around:
    """The part of the graph around some chunks: weighted edges between chunks and entities.

    `relations` join two entities each (chunk that says so, entity, entity, weight).
    """

    chunks: tuple[str, ...]
    edges: tuple[tuple[str, str, float], ...]
    relations: tuple[tuple[str, str, str, float], ...] = ()


class Network:
    """Chunks and entities. An entity that only one chunk names, or more than a hundred, joins nothing."""

    def __init__(self, mentions: Sequence[Mention], directory: Directory) -> None:
        self._first = {key: found[0] for key, found in directory.chunks.items()}
        self._titled = directory.by_entity()
        counts = Counter(key for mention in mentions for key in mention.entities)
        joining = {key for key, count in counts.items() if self._joins(key, count)}
        self.empty = not counts
        self._named: dict[str, tuple[str, ...]] = {}
        self._naming: dict[str, list[str]] = {}
        self._related: dict[str, tuple[tuple[str, str], ...]] = {}
        for mention in mentions:
            held = tuple(key for key in mention.entities if key in joining)
            self._named[mention.chunk_id] = held
            for key in held:
                self._naming.setdefault(key, []).append(mention.chunk_id)
            if pairs := tuple(filter(None, map(related, mention.entities))):
                self._related[mention.chunk_id] = pairs
        self._chunks = len(mentions)

    def chunks_of(self, key: str) -> Sequence[str]:
        """The chunks that name an entity, and the first of each document of which it is the title."""
        return [*self._firsts(key), *self._naming.get(key, ())]

    def around(self, chunk_ids: Iterable[str], keys: Iterable[str], limit: int) -> Around:
        """What lies up to two steps from these chunks and entities, at most `limit` chunks; the nearest first."""
        reached = dict.fromkeys(chunk_ids)
        for key in keys:
            reached |= dict.fromkeys(self.chunks_of(key))
        for start in list(reached):
            nearby = sorted(self._named.get(start, ()), key=lambda key: (self._degree(key), key))
            for key in nearby:
                if len(reached) + self._degree(key) > limit:
                    break
                reached |= dict.fromkeys(self.chunks_of(key))
        chunks = tuple(reached)[:limit]
        return Around(chunks, tuple(self._edges(chunks)), tuple(self._relations(chunks)))

    def _edges(self, chunks: Sequence[str]) -> Iterable[tuple[str, str, float]]:
        inside = set(chunks)
        entities = dict.fromkeys(key for name in chunks for key in self._named.get(name, ()))
        for key in entities:
            weight = log(1 + self._chunks / (1 + self._degree(key)))
            for name in self._naming.get(key, ()):
                if name in inside:
                    yield name, key, weight
            for name in self._firsts(key):
                if name in inside:
                    yield name, key, weight * _TITLE_WEIGHT

    def _relations(self, chunks: Sequence[str]) -> Iterable[tuple[str, str, str, float]]:
        for name in chunks:
            for one, other in self._related.get(name, ()):
                weight = log(1 + self._chunks / (1 + max(self._degree(one), self._degree(other))))
                yield name, one, other, weight

    def _firsts(self, key: str) -> list[str]:
        return [self._first[document] for document in self._titled.get(key, ())]

    def _degree(self, key: str) -> int:
        return len(self._naming.get(key, ()))

    def _joins(self, key: str, count: int) -> bool:
        return count <= _HUB and (count > 1 or key in self._titled)


def personalised_pagerank(
    around: Around, allowed: set[str], seeds: Mapping[str, float], *, alpha: float
) -> dict[str, float]:
    """How often a walk that keeps starting at the seeds (chunk ids and entities) stands at each allowed chunk.

    Chunks that are not allowed are no part of the graph: nothing passes through them. `alpha` is the share of
    steps that go on instead of starting again.
    """
    import rustworkx

    graph: Any = rustworkx.PyDiGraph()
    nodes: dict[str, int] = {}
    keys = dict.fromkeys(key for _, key, _ in around.edges)
    for name in (*(name for name in around.chunks if name in allowed), *keys):
        nodes[name] = graph.add_node(name)
    edges = [(nodes[chunk], nodes[key], w) for chunk, key, w in around.edges if chunk in nodes]
    edges += [
        (nodes[one], nodes[other], w)
        for chunk, one, other, w in around.relations
        if chunk in allowed and one in nodes and other in nodes
    ]
    graph.add_edges_from([*edges, *((key, chunk, weight) for chunk, key, weight in edges)])
    start = {nodes[name]: weight for name, weight in seeds.items() if name in nodes and weight > 0}
    if not start:
        return {}
    reached = set(start).union(*(rustworkx.descendants(graph, node) for node in start))
    found = rustworkx.pagerank(
        graph, alpha=alpha, weight_fn=float, personalization=start, max_iter=_MAX_STEPS
    )
    return {
        name: found[node] for name, node in nodes.items() if name in allowed and node in reached
    }
