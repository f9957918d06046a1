"""The axes of a space over its base: which option of each is the base's, and under what others it counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from surefoot.config.solution import Solution, solution_json
from surefoot.config.space import Place, SpaceSettings, label
from surefoot.core.errors import ConfigError
from surefoot.optimize.spaces.assembly import STAGES, Draft, Plain
from surefoot.optimize.spaces.ground import Ground

AS_IS = "as it is"
"""The label of the base's option where the file lists none that is like it."""


@dataclass(frozen=True, slots=True)
class Option:
    """What an option gives: settings by path, and the stages of a place; None leaves a place as the base has it.

    One that is not `listed` in the file is the base's own.
    """

    label: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    stages: tuple[Plain, ...] | None = None
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Planned:
    """An axis over its base, the base's option first. `when` names the options of others under which it counts."""

    name: str
    options: tuple[Option, ...]
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)
    place: Place | None = None

    def option(self, wanted: str) -> Option:
        """The option of this label."""
        return next(option for option in self.options if option.label == wanted)

    @property
    def forced(self) -> bool:
        """Whether it has but one option, which the base has not: where it counts, that one is taken."""
        return bool(self.when) and len(self.options) == 2 and not self.options[0].listed

    def counts(self, chosen: Mapping[str, str]) -> bool:
        """Whether it counts under these options of the others."""
        return all(chosen[axis] in options for axis, options in self.when.items())

    @property
    def tables(self) -> set[str]:
        """The settings that it touches, as far as their part or stage."""
        touched = {
            ".".join(path.split(".")[:2]) for option in self.options for path in option.changes
        }
        stages = [stage for option in self.options for stage in option.stages or ()]
        touched |= {f"{STAGES}.{stage.get('kind')}" for stage in stages}
        return touched | ({f"{STAGES}.{self.name}"} if self.place else set())


def planned(settings: SpaceSettings, base: Plain, ground: Ground) -> list[Planned]:
    """The axes of a space file over its base, places first.

    Raises:
        ConfigError: a path names a stage that is nowhere, or an option can never be right.
    """
    rough = list(_rough(settings))
    known = {axis.name: axis for axis in rough}
    for axis in rough:
        if axis.place is not None:
            known[axis.name] = _with_base_first(axis, known, base, ground)
    kinds = [str(stage.get("kind")) for stage in base.get(STAGES, ())]
    for axis in rough:
        if axis.place is None:
            reached = _reaching(axis, [one for one in known.values() if one.place], kinds)
            known[axis.name] = reached
            known[axis.name] = _with_base_first(reached, known, base, ground)
    return [known[axis.name] for axis in rough]


def assembled(base: Plain, axes: Iterable[Planned], chosen: Mapping[str, str]) -> dict[str, Any]:
    """The plain settings of a combination: places first, then settings in the order of the file.

    Raises:
        ConfigError: a place or path is not there.
    """
    return _drafted(base, axes, chosen).plain()


def check_options(axes: Sequence[Planned], base: Plain, ground: Ground) -> None:
    """Sees to it that every option can be right by itself.

    Raises:
        ConfigError: one cannot, and no other axis touches the same part or stage.
    """
    known = {axis.name: axis for axis in axes}
    for axis in axes:
        others = set[str]().union(*(one.tables for one in axes if one is not axis))
        for option in axis.options:
            try:
                _alone(axis, option, known, base, ground)
            except ConfigError as problem:
                if others & axis.tables:
                    continue
                raise ConfigError(
                    f"{axis.name}, option {option.label!r}: {problem.message}",
                    where="space",
                    hint=problem.hint,
                ) from problem


def _rough(settings: SpaceSettings) -> Iterator[Planned]:
    """The axes as the file has them, each with the base's option in front."""
    conditions = {
        name: {axis: frozenset(options) for axis, options in when.items()}
        for name, _, when in settings.named()
    }
    as_is = Option(AS_IS, listed=False)
    for place in settings.stages:
        options = [Option(name, stages=stages) for name, stages in place.options.items()]
        yield Planned(place.name, (as_is, *options), conditions[place.name], place)
    for axis in settings.axes:
        options = [Option(name, changes) for name, changes in axis.options.items()]
        yield Planned(axis.name, (as_is, *options), conditions[axis.name])
    for path, choice in settings.choices.items():
        options = [Option(label(value), {path: value}) for value in choice.listed()]
        yield Planned(path, (as_is, *options), conditions[path])


def _reaching(axis: Planned, places: Sequence[Planned], kinds: Sequence[str]) -> Planned:
    """The axis, which only counts where the stages of places that it sets are there."""
    when = dict(axis.when)
    for path in sorted({path for option in axis.options for path in option.changes}):
        head, _, rest = path.partition(".")
        if head != STAGES or not rest:
            continue
        name = rest.partition(".")[0]
        holding = {
            place.name: frozenset(
                option.label for option in place.options if _has(option, name, place)
            )
            for place in places
        }
        found = {place: labels for place, labels in holding.items() if labels}
        if name in kinds or (name.isdecimal() and int(name) < len(kinds)):
            continue
        if not found:
            raise ConfigError(
                f"{axis.name}: no stage is called {name!r}",
                where="space",
                hint=f"stages: {', '.join(dict.fromkeys([*kinds, *(p.name for p in places)]))}",
            )
        if len(found) == 1 and len(axis.options[-1].changes) == 1:
            ((place_name, labels),) = found.items()
            when[place_name] = labels & when.get(place_name, labels)
    return replace(axis, when=when)


def _has(option: Option, name: str, place: Planned) -> bool:
    if option.stages is None:
        return place.name == name and place.place is not None and place.place.instead is not None
    stood = bool(option.stages) and place.name == name
    return stood or any(stage.get("kind") == name for stage in option.stages)


def _with_base_first(
    axis: Planned, known: Mapping[str, Planned], base: Plain, ground: Ground
) -> Planned:
    """The axis with the option that is like the base in front, or `as it is` where none is."""
    as_is, *options = axis.options
    now = _settled(axis, as_is, known, base, ground)
    for option in options:
        if now is not None and _settled(axis, option, known, base, ground) == now:
            return replace(axis, options=(option, *(o for o in options if o is not option)))
    said = _said(axis, known, base, now)
    return replace(axis, options=(replace(as_is, label=said), *options))


def _said(axis: Planned, known: Mapping[str, Planned], base: Plain, now: Solution | None) -> str:
    """How the base's value of a single setting is called."""
    paths = {path for option in axis.options for path in option.changes}
    if len(paths) != 1 or now is None or axis.place is not None:
        return AS_IS
    (path,) = paths
    head, _, rest = path.partition(".")
    value: Any = solution_json(now)
    steps = path.split(".")
    if head == STAGES:
        name, _, inner = rest.partition(".")
        place = _drafted(base, known.values(), _needed(axis, known)).number(name)
        if place is None:
            return AS_IS
        steps = [STAGES, str(place), *inner.split(".")]
    for step in steps:
        if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, Mapping) and step in value:
            value = value[step]
        else:
            return AS_IS
    told = label(value)
    return told if told not in [option.label for option in axis.options] else AS_IS


def _settled(
    axis: Planned, option: Option, known: Mapping[str, Planned], base: Plain, ground: Ground
) -> Solution | None:
    try:
        return _alone(axis, option, known, base, ground)
    except ConfigError:
        return None


def _alone(
    axis: Planned, option: Option, known: Mapping[str, Planned], base: Plain, ground: Ground
) -> Solution:
    """The base with what the axis needs to count, and this option."""
    chosen = {**_needed(axis, known), axis.name: option.label}
    return ground.parsed(assembled(base, [known[name] for name in known], chosen))


def _needed(axis: Planned, known: Mapping[str, Planned]) -> dict[str, str]:
    """Options of other axes under which this one counts, the base's where they do."""
    needed: dict[str, str] = {}
    for name, allowed in axis.when.items():
        other = known[name]
        fits = [option.label for option in other.options if option.label in allowed]
        needed |= {**_needed(other, known), name: (fits or [other.options[0].label])[0]}
    return needed


def _drafted(base: Plain, axes: Iterable[Planned], chosen: Mapping[str, str]) -> Draft:
    """What is as in the base is only written where another option touches the same part or stage."""
    draft = Draft(base)
    known = list(axes)
    named = {axis.name: chosen.get(axis.name, axis.options[0].label) for axis in known}
    taken = [(axis, axis.option(named[axis.name])) for axis in known if axis.counts(named)]
    for axis in known:
        if axis.place is not None:
            counts = axis.counts(named)
            draft.put(axis.place, axis.option(named[axis.name]).stages if counts else None)
    changing = [axis for axis, option in taken if option is not axis.options[0]]
    for axis, option in taken:
        others = set[str]().union(*(one.tables for one in changing if one is not axis))
        if option is axis.options[0] and not axis.tables & others:
            continue
        for path, value in option.changes.items():
            draft.set(path, value)
    return draft
