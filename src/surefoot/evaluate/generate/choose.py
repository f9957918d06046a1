"""Draws offers so that no document and no method dominates. What is drawn is checked; what fails is made up for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import ceil
from random import Random

from surefoot.evaluate.generate.methods import FILLING, SHARES
from surefoot.evaluate.generate.offers import Offer

Check = Callable[[Offer], str]
_FILLED = 0.15  # of the set, for each method that fills, as long as others have more


def choose(
    offers: Iterable[Offer],
    wanted: int,
    check: Check,
    draw: Random,
) -> Iterator[tuple[Offer, str]]:
    """Each offer that was looked at with why it was dropped (empty: taken), until `wanted` are taken.

    Methods that fill (`FILLING`) have a small part of the set, and more only where the others have no more to offer.
    """
    pools: dict[str, list[Offer]] = defaultdict(list)
    for one in offers:
        pools[one.method].append(one)
    documents = {one.document_id for pool in pools.values() for one in pool}
    most = max(2, ceil(3 * wanted / max(1, len(documents))))
    for pool in pools.values():
        draw.shuffle(pool)
    state = _State(pools, most, ceil(_FILLED * wanted))
    while state.taken_in_all < wanted and (offer := state.next()) is not None:
        problem = check(offer)
        if not problem:
            state.take(offer)
        yield offer, problem


class _State:
    def __init__(self, pools: Mapping[str, list[Offer]], most: int, filled: int) -> None:
        self._pools = pools
        self._most = most
        self._filled = filled
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
        return [
            name
            for name in self._pools
            if _share(name) > 0 and (name not in FILLING or self._by_method[name] < self._filled)
        ]

    def _filling(self) -> Sequence[str]:
        return [name for name in self._pools if name in FILLING]

    def _reached(self, name: str) -> float:
        return self._by_method[name] / (_share(name) or 1)

    def _from(self, pool: list[Offer]) -> Offer | None:
        """One of a document that has the fewest so far; None, and the pool is empty, where all have enough."""
        place = min(range(len(pool)), key=lambda i: self._by_document[pool[i].document_id])
        if self._by_document[pool[place].document_id] >= self._most:
            pool.clear()
            return None
        return pool.pop(place)


def _share(name: str) -> float:
    return next((share for method, share in SHARES.items() if method == name), 0.0)
