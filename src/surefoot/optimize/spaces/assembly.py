"""Makes the plain settings of a solution from those of another: stages put in, values set. Knows no part's meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from surefoot.config.solution import set_path
from surefoot.config.space import Place
from surefoot.core.errors import ConfigError

Plain = Mapping[str, Any]
STAGES = "stages"


@dataclass(slots=True)
class _Standing:
    """A stage on its place, or the mark of an empty place (`settings` None). `beside` is what it was put after."""

    name: str
    settings: dict[str, Any] | None
    number: str = ""
    beside: str = ""

    @property
    def kind(self) -> str:
        return str((self.settings or {}).get("kind", ""))


class Draft:
    """Settings that are being put together; the base stays as it is."""

    def __init__(self, base: Plain) -> None:
        self._raw: dict[str, Any] = deepcopy({k: v for k, v in base.items() if k != STAGES})
        self._standing = [
            _Standing("", deepcopy(dict(stage)), str(number))
            for number, stage in enumerate(base.get(STAGES, ()))
        ]

    def put(self, place: Place, stages: Sequence[Plain] | None) -> None:
        """Stages into a place; None leaves what the base has there, under the name of the place.

        Raises:
            ConfigError: there is nothing of the name that the place is said to be beside.
        """
        anchor = place.after or place.before or place.instead or ""
        at = self._where(anchor, place.name)
        if place.instead and stages is None:
            self._standing[at].name = place.name
            return
        if place.instead:
            del self._standing[at]
        elif place.after:
            at += 1
            while at < len(self._standing) and self._standing[at].beside == anchor:
                at += 1
        mark = _Standing(place.name, None, beside=place.after or "")
        put = [
            _Standing(place.name, deepcopy(dict(stage)), beside=place.after or "")
            for stage in stages or ()
        ]
        self._standing[at:at] = [mark, *put]

    def set(self, path: str, value: Any) -> None:
        """A value at a path; `stages.NAME...` is the stage of that place or kind, and nothing where there is none."""
        head, _, rest = path.partition(".")
        value = deepcopy(value)
        if head != STAGES or not rest:
            set_path(self._raw, path, value, where="space")
            return
        name, _, inner = rest.partition(".")
        for standing in self._named(name, inner):
            if not inner:
                standing.settings = dict(value)
            elif standing.settings is not None:
                set_path(standing.settings, inner, value, where="space")

    def plain(self) -> dict[str, Any]:
        """The whole solution."""
        stages = [one.settings for one in self._standing if one.settings is not None]
        return {**deepcopy(self._raw), STAGES: deepcopy(stages)}

    def number(self, name: str) -> int | None:
        """The place of a stage among all, from 0, by the name of its place or its kind; None where there is none."""
        standing = [one for one in self._standing if one.settings is not None]
        for wanted in ([one.name for one in standing], [one.kind for one in standing]):
            if name in wanted:
                return wanted.index(name)
        return int(name) if name.isdecimal() and int(name) < len(standing) else None

    def _where(self, anchor: str, place: str) -> int:
        for at in reversed(range(len(self._standing))):
            if anchor in (self._standing[at].name, self._standing[at].kind):
                return at
        known = sorted({one.name or one.kind for one in self._standing})
        raise ConfigError(
            f"the place {place!r} is beside {anchor!r}, and no stage is called that",
            where="space",
            hint=f"known: {', '.join(known)}",
        )

    def _named(self, name: str, inner: str) -> Iterator[_Standing]:
        """The stages of a place; else the first of that kind, or the one of that number in the base."""
        standing = [one for one in self._standing if one.settings is not None]
        placed = [one for one in standing if one.name == name]
        if len(placed) > 1 and inner:
            raise ConfigError(
                f"the place {name!r} has several stages here",
                where="space",
                hint=f"name the kind: stages.{placed[0].kind}.{inner}",
            )
        if placed:
            yield from placed
            return
        yield from [one for one in standing if name in (one.kind, one.number)][:1]


def differences(base: Plain, other: Plain) -> dict[str, Any]:
    """The settings by path that make `other` from `base`; what is gone has None."""
    found = dict(_changed(_without(base), _without(other), ""))
    before, after = list(base.get(STAGES, ())), list(other.get(STAGES, ()))
    if [one.get("kind") for one in before] != [one.get("kind") for one in after]:
        return {**found, STAGES: after}
    for number, (was, now) in enumerate(zip(before, after, strict=True)):
        found |= dict(_changed(was, now, f"{STAGES}.{number}."))
    return found


def _changed(base: Plain, other: Plain, above: str) -> Iterator[tuple[str, Any]]:
    for key in dict.fromkeys([*base, *other]):
        was, now = base.get(key), other.get(key)
        if was == now and (key in base) == (key in other):
            continue
        if isinstance(was, Mapping) and isinstance(now, Mapping) and _alike(was, now):
            yield from _changed(was, now, f"{above}{key}.")
        else:
            yield f"{above}{key}", now


def _alike(was: Plain, now: Plain) -> bool:
    return was.get("kind") == now.get("kind")


def _without(plain: Plain) -> dict[str, Any]:
    return {key: value for key, value in plain.items() if key not in (STAGES, "name", "schema")}
