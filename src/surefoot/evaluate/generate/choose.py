"""Draws offers so that no document and no method dominates. What is drawn is checked; what fails is made up for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import ceil
from random import Random

from surefoot.evaluate.generate.offers import MethodName, Offer

Check = Callable[[Offer], str]


def choose(
    offers: Iterable[Offer],
    wanted: int,
    shares: Mapping[MethodName, float],
    check: Check,
    draw: Random,
) -> Iterator[tuple[Offer, str]]:
    """Each offer that was looked at with why it was dropped (empty: taken), until `wanted` are taken.

    Methods without a share only fill what those with one leave open.
    """
    pools: dict[str, list[Offer]] = defaultdict(list)
    for one in offers:
        pools[one.method].append(one)
    documents = {one.document_id for pool in pools.values() for one in pool}
    most = max(2, ceil(3 * wanted / max(1, len(documents))))
    for pool in pools.values():
        draw.shuffle(pool)
    state = _State(pools, shares, most)
    while state.taken_in_all < wanted and (offer := state.next()) is not None:
        problem = check(offer)
        if not problem:
            state.take(offer)
        yield offer, problem


class _State:
    def __init__(
        self, pools: Mapping[str, list[Offer]], shares: Mapping[MethodName, float], most: int
    ) -> None:
        self._pools = pools
        self._shares: Mapping[str, float] = {str(name): share for name, share in shares.items()}
        self._most = most
        self._by_method: Counter[str] = Counter()
        self._by_document: Counter[str] = Counter()

    @property
    def taken_in_all(self) -> int:
        return self._by_method.total()

    def take(self, offer: Offer) -> None:
        self._by_method[offer.method] += 1
        self._by_document[offer.document_id] += 1

    def next(self) -> Offer | None:
        """The next offer of the method that is furthest behind its share."""
        for methods in (self._with_share(), self._filling()):
            while open_ones := [name for name in methods if self._pools[name]]:
                name = min(open_ones, key=self._reached)
                if found := self._from(self._pools[name]):
                    return found
        return None

    def _with_share(self) -> Sequence[str]:
        return [name for name in self._pools if self._shares.get(name, 0) > 0]

    def _filling(self) -> Sequence[str]:
        return [name for name in self._pools if not self._shares.get(name, 0)]

    def _reached(self, name: str) -> float:
        return self._by_method[name] / (self._shares.get(name, 0) or 1)

    def _from(self, pool: list[Offer]) -> Offer | None:
        """One of a document that has the fewest so far; None, and the pool is empty, where all have enough."""
        place = min(range(len(pool)), key=lambda i: self._by_document[pool[i].document_id])
        if self._by_document[pool[place].document_id] >= self._most:
            pool.clear()
            return None
        return pool.pop(place)
