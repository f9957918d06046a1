"""The solutions of a space: each a complete, checked solution. Nothing is opened, searched or asked."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

from surefoot.config.space import SpaceSettings, space_json
from surefoot.core.digest import digest_json
from surefoot.core.errors import ConfigError, MissingError
from surefoot.optimize.spaces.assembly import differences
from surefoot.optimize.spaces.axes import Option, Planned, assembled, check_options, planned
from surefoot.optimize.spaces.ground import Checked, Ground
from surefoot.optimize.trial import Axis, Candidate

_FEW = 4096
"""Combinations that are listed to draw from; of more, some are drawn."""


class SolutionSpace:
    """A base, what may be otherwise in it, and beside them the present solution and the plain one.

    `dropped` counts the combinations asked for that cannot work, by reason.
    """

    def __init__(self, settings: SpaceSettings, ground: Ground) -> None:
        self.settings = settings
        self.dropped: Counter[str] = Counter()
        self._ground = ground
        self._base = ground.named(settings.base)
        self._planned = planned(settings, self._base, ground)
        self._made: dict[tuple[str, ...], Candidate | None] = {}
        self._checked: dict[str, Checked] = {}
        check_options(self._planned, self._base, ground)

    @cached_property
    def axes(self) -> Sequence[Axis]:
        """The axes in the order of the space file, the base's option of each first."""
        return tuple(Axis(one.name, tuple(o.label for o in one.options)) for one in self._planned)

    @cached_property
    def digest(self) -> str:
        """Names the space: its file and what it stands on."""
        return digest_json([space_json(self.settings), self._base])

    @cached_property
    def present(self) -> Candidate:
        """What the workspace uses now."""
        return self._fixed(self._ground.present)

    @cached_property
    def baseline(self) -> Candidate:
        """The solution of a new workspace, over the same documents."""
        return self._fixed(self._ground.baseline)

    @cached_property
    def size(self) -> int:
        """How many combinations there are, those that cannot work included."""
        steering = {axis for one in self._planned for axis in one.when}
        steers = [one for one in self._planned if one.name in steering]
        others = [one for one in self._planned if one.name not in steering]
        counted = 0
        for labels in product(*([o.label for o in one.options] for one in steers)):
            chosen = dict(zip((one.name for one in steers), labels, strict=True))
            if all(self._normal(chosen)[name] == label for name, label in chosen.items()):
                free = [one for one in others if one.counts(chosen) and not one.forced]
                counted += prod(len(one.options) for one in free)
        return counted

    def candidate(self, choices: Mapping[str, str], /) -> Candidate | None:
        """The solution with these options (axes left out: the base's), None where they do not go together.

        Options of axes that do not count under the others are taken for the base's.

        Raises:
            ConfigError: there is no such axis or option.
        """
        self._check(choices)
        chosen = self._normal(choices)
        key = tuple(chosen.values())
        if key not in self._made:
            self._made[key] = self._assembled(chosen)
        return self._made[key]

    def candidates(self, limit: int, *, seed: int = 0) -> list[Candidate]:
        """The present and the plain solution, then others drawn at random, `limit` in all; each digest once."""
        found = {one.digest: one for one in (self.present, self.baseline)}
        for choices in self._drawn(limit, random.Random(seed)):
            if len(found) >= limit:
                break
            made = self.candidate(choices)
            if made is not None:
                found.setdefault(made.digest, made)
        return list(found.values())[:limit]

    def combinations(self) -> Iterator[dict[str, str]]:
        """Every combination of options once, in the order of the file."""
        seen: set[tuple[str, ...]] = set()
        for labels in product(*(axis.options for axis in self.axes)):
            chosen = self._normal(dict(zip((a.name for a in self.axes), labels, strict=True)))
            if (key := tuple(chosen.values())) not in seen:
                seen.add(key)
                yield chosen

    def solution(self, digest: str) -> Checked:
        """The complete solution of a candidate that this space has given.

        Raises:
            MissingError: it has given none of that digest.
        """
        if digest not in self._checked:
            raise MissingError(f"the space has given no solution {digest!r}", where="space")
        return self._checked[digest]

    def _fixed(self, plain: Mapping[str, Any]) -> Candidate:
        checked = self._ground.checked(plain)
        own = self.candidate({})
        if own is not None and own.digest == checked.digest:
            return own
        self._checked.setdefault(checked.digest, checked)
        changed = differences(self._base, plain)
        return Candidate(checked.digest, {}, changed, len(changed), _corpus(checked))

    def _assembled(self, chosen: Mapping[str, str]) -> Candidate | None:
        try:
            plain = assembled(self._base, self._planned, chosen)
            checked = self._ground.checked(plain)
        except (ConfigError, MissingError) as problem:
            self.dropped[problem.message] += 1
            return None
        self._checked.setdefault(checked.digest, checked)
        free = [one for one in self._planned if not one.forced]
        unlike = sum(chosen[one.name] != one.options[0].label for one in free)
        changed = differences(self._base, plain)
        return Candidate(checked.digest, chosen, changed, unlike, _corpus(checked))

    def _drawn(self, wanted: int, chance: random.Random) -> Iterator[dict[str, str]]:
        if prod(len(axis.options) for axis in self.axes) <= _FEW:
            listed = list(self.combinations())
            chance.shuffle(listed)
            yield from listed
            return
        for _ in range(20 * wanted):
            yield {axis.name: chance.choice(axis.options) for axis in self.axes}

    def _check(self, choices: Mapping[str, str]) -> None:
        known = {axis.name: axis.options for axis in self.axes}
        for name, label in choices.items():
            if label not in known.get(name, ()):
                there = f"its options are {', '.join(known[name])}" if name in known else ""
                raise ConfigError(
                    f"no option {label!r} of an axis {name!r}",
                    where="space",
                    hint=there or f"axes: {', '.join(known)}",
                )

    def _normal(self, choices: Mapping[str, str]) -> dict[str, str]:
        """All axes; those that do not count have the base's option, forced ones that do have theirs."""
        chosen = {one.name: choices.get(one.name, one.options[0].label) for one in self._planned}
        while unlike := {
            one.name: settled.label
            for one in self._planned
            if (settled := _settled(one, chosen)).label != chosen[one.name]
        }:
            chosen |= unlike
        return chosen


def _settled(one: Planned, chosen: Mapping[str, str]) -> Option:
    """The option that an axis has under the others."""
    if not one.counts(chosen):
        return one.options[0]
    return one.options[1] if one.forced else one.option(chosen[one.name])


def _corpus(checked: Checked) -> str:
    """Names the settings of the corpus, those left out included; empty where the solution has none."""
    corpus = checked.solution.corpus
    return "" if corpus is None else digest_json(corpus.model_dump(mode="json"))
