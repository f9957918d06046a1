"""Which solutions of a space to try next: all of a small one; of a large one those that Optuna's sampler proposes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from surefoot.optimize.trial import Axis, Candidate, Space

if TYPE_CHECKING:
    import optuna

_LISTED = 4096
_TRIES = 20


class Untried:
    """The solutions of a space that a search has not tried yet, `most` in all.

    `start` has the present solution and those over the same corpus that are to be tried at once. Building an index
    takes far longer than asking, so the solutions over other corpora come corpus by corpus.
    """

    def __init__(self, space: Space, most: int, seed: int) -> None:
        self._space = space
        self._seed = seed
        found, self._all_listed = first_candidates(space, most)
        groups: dict[str, list[Candidate]] = {}
        for one in found[:most]:
            groups.setdefault(one.corpus, []).append(one)
        self.start, *self._waiting = groups.values()
        self._closed = False

    def __bool__(self) -> bool:
        return bool(self._waiting) or not self._all_listed

    def close(self) -> None:
        """Gives up on other corpora: the budget does not reach for them."""
        self._closed = True
        self._waiting = []

    def listed(self) -> list[Candidate]:
        """The solutions over the next corpus of those that were listed."""
        return self._waiting.pop(0) if self._waiting else []

    def over_another_corpus(self, known: Sequence[Known], leader: Candidate) -> list[Candidate]:
        """Those listed over the next corpus, else the leader over a corpus that is new."""
        if self._closed:
            return []
        if self._waiting or self._all_listed:
            return self.listed()
        found = propose_corpus(self._space, known, leader=leader, seed=self._seed)
        self._all_listed = not found and not self.like(known, 1, leader)
        return found

    def like(self, known: Sequence[Known], count: int, leader: Candidate) -> list[Candidate]:
        """Up to `count` over the corpus of the leader; none where the space was listed."""
        if self._all_listed or count < 1:
            return []
        return propose(self._space, known, count, leader=leader, seed=self._seed)


@dataclass(frozen=True, slots=True)
class Known:
    """A solution that was tried and how it did in each objective; larger is better in all."""

    candidate: Candidate
    values: tuple[float, ...]


def first_candidates(space: Space, limit: int) -> tuple[list[Candidate], bool]:
    """The present solution, the plain one and, where the space has no more than `limit`, all others; and whether so.

    Solutions are in the order of the space file, each digest once.
    """
    found = {one.digest: one for one in (space.present, space.baseline)}
    start = list(found.values())
    if prod(len(axis.options) for axis in space.axes) > _LISTED:
        return start, False
    for choices in _combinations(space.axes):
        made = space.candidate(choices)
        if made is not None:
            found.setdefault(made.digest, made)
        if len(found) > limit:
            return start, False
    return list(found.values()), True


def propose(
    space: Space, known: Sequence[Known], count: int, *, leader: Candidate, seed: int = 0
) -> list[Candidate]:
    """Up to `count` solutions over the leader's corpus that are not known; fewer where hardly any are left.

    Optuna's tree-structured Parzen estimator proposes, from the options of the known ones and how they did; the
    same arguments give the same proposals. Where it repeats itself, solutions are drawn at random.
    """
    over = options_over(space, leader)
    seen = {one.candidate.digest for one in known}
    found: dict[str, Candidate] = {}
    for choices in _choices(space.axes, known, count, seed):
        made = space.candidate(
            {
                name: label if label in over[name] else over[name][0]
                for name, label in choices.items()
            }
        )
        if made is not None and made.corpus == leader.corpus and made.digest not in seen:
            found.setdefault(made.digest, made)
        if len(found) == count:
            break
    return list(found.values())


def propose_corpus(
    space: Space, known: Sequence[Known], *, leader: Candidate, seed: int = 0
) -> list[Candidate]:
    """The leader over a corpus that no known solution is over; none where all were tried or the space has no other.

    Building an index takes far longer than asking, so corpora are tried one by one, with the best that is known.
    """
    corpus = corpus_axes(space)
    if not corpus:
        return []
    before = {one.candidate.corpus for one in known}
    for choices in _choices(space.axes, known, 1, seed):
        moved = {name: choices[name] for name in corpus}
        made = space.candidate({**leader.choices, **moved})
        if made is not None and made.corpus not in before:
            return [made]
    return []


def options_over(space: Space, leader: Candidate) -> dict[str, tuple[str, ...]]:
    """The options of each axis that leave the leader over its corpus, its own first.

    One that needs another corpus may stand beside them: a walk over a graph beside following titles.
    """
    found: dict[str, tuple[str, ...]] = {}
    for axis in space.axes:
        own = leader.choices.get(axis.name, axis.options[0])
        others = [
            label
            for label in axis.options
            if label != own
            and (made := space.candidate({**leader.choices, axis.name: label})) is not None
            and made.corpus == leader.corpus
        ]
        found[axis.name] = (own, *others)
    return found


def corpus_axes(space: Space) -> set[str]:
    """The axes that ask for another index."""
    plain = space.candidate({})
    if plain is None:
        return set()
    return {
        axis.name
        for axis in space.axes
        if any(
            made.corpus != plain.corpus
            for label in axis.options
            if (made := space.candidate({axis.name: label})) is not None
        )
    }


def _choices(
    axes: Sequence[Axis], known: Sequence[Known], count: int, seed: int
) -> Iterator[dict[str, str]]:
    study = _study(axes, known, seed + len(known))
    distributions = _distributions(axes)
    for _ in range(_TRIES * count):
        yield study.ask(distributions).params
    chance = random.Random(seed + len(known))
    for _ in range(_TRIES * count):
        yield {axis.name: chance.choice(axis.options) for axis in axes}


def _study(axes: Sequence[Axis], known: Sequence[Known], seed: int) -> optuna.Study:
    import optuna
    from optuna.trial import create_trial

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    objectives = len(known[0].values) if known else 1
    study = optuna.create_study(
        directions=["maximize"] * objectives,
        sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True),
    )
    distributions = _distributions(axes)
    for one in known:
        if set(one.candidate.choices) == set(distributions):
            study.add_trial(
                create_trial(
                    params=dict(one.candidate.choices),
                    distributions=distributions,
                    values=list(one.values),
                )
            )
    return study


def _distributions(
    axes: Sequence[Axis],
) -> dict[str, optuna.distributions.BaseDistribution]:
    from optuna.distributions import CategoricalDistribution

    return {axis.name: CategoricalDistribution(axis.options) for axis in axes}


def _combinations(axes: Sequence[Axis]) -> Iterator[dict[str, str]]:
    for labels in product(*(axis.options for axis in axes)):
        yield dict(zip((axis.name for axis in axes), labels, strict=True))
