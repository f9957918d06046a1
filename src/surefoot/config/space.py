"""The space file: which solutions are to be tried. Knows settings by their paths, not what they do."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from surefoot.config.base import Settings, parse
from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError, MissingError

When = Mapping[str, tuple[str, ...]]
"""Axis to the options under which something counts."""

_RANGE = {"values", "low", "high"}
_DIGITS = 6
_IN_A_STAGE = 2  # dots in stages.NAME.SETTING


class _Conditional(Settings):
    """A choice that may count only where others are chosen."""

    when: When = Field(
        default_factory=dict, description="options of other axes under which this one counts"
    )

    @field_validator("when", mode="before")
    @classmethod
    def _one_or_several(cls, raw: Any) -> Any:
        return _conditions(raw)


class Choice(_Conditional):
    """Values of one setting: a list, or a range from `low` to `high` in steps or in so many points."""

    values: tuple[Any, ...] = Field(default=(), description="the values to try")
    low: float | int | None = Field(default=None, description="smallest value of a range")
    high: float | int | None = Field(default=None, description="largest value of a range")
    step: PositiveFloat | None = Field(
        default=None, description="what lies between two values of a range"
    )
    log: bool = Field(default=False, description="points of a range lie at equal ratios")
    points: PositiveInt = Field(default=5, ge=2, description="values of a range without a step")

    @model_validator(mode="after")
    def _a_list_or_a_range(self) -> Self:
        bounds = [bound for bound in (self.low, self.high) if bound is not None]
        if bool(self.values) == bool(bounds) or len(bounds) == 1:
            raise ValueError("give a list of values, or a range { low = ..., high = ... }")
        if self.low is not None and self.high is not None:
            if self.low >= self.high:
                raise ValueError(f"low ({self.low}) must be less than high ({self.high})")
            if self.log and (self.low <= 0 or self.step):
                raise ValueError("log needs low above 0 and no step")
        return self

    def listed(self) -> list[Any]:
        """Every value, ascending where it is a range; whole numbers where the range is of whole numbers."""
        if self.low is None or self.high is None:
            return list(self.values)
        whole = all(
            float(one).is_integer() and not isinstance(one, float) for one in (self.low, self.high)
        ) and (self.step is None or float(self.step).is_integer())
        found = [round(value, _DIGITS) for value in self._points(self.low, self.high)]
        return list(dict.fromkeys(round(value) for value in found)) if whole else found

    def _points(self, low: float, high: float) -> Iterator[float]:
        if self.step is not None:
            for place in range(int((high - low) / self.step + 1e-9) + 1):
                yield low + place * self.step
            return
        for place in range(self.points):
            share = place / (self.points - 1)
            yield low * (high / low) ** share if self.log else low + (high - low) * share


class Axis(_Conditional):
    """A choice whose options set several settings at once."""

    name: str = Field(min_length=1, description="what the choice is called")
    options: Mapping[str, Mapping[str, Any]] = Field(
        min_length=1, description="name of each option, and the settings that it gives by path"
    )

    @field_validator("options", mode="before")
    @classmethod
    def _by_path(cls, raw: Any) -> Any:
        if not isinstance(raw, Mapping):
            return raw
        return {
            name: dict(_leaves(changes)) if isinstance(changes, Mapping) else changes
            for name, changes in raw.items()
        }


class Place(_Conditional):
    """A place among the stages where one of several stages stands, several in a row, or none."""

    name: str = Field(min_length=1, description="what the place is called; stages.NAME reaches it")
    after: str | None = Field(default=None, description="kind or place that it follows")
    before: str | None = Field(default=None, description="kind or place that follows it")
    instead: str | None = Field(default=None, description="kind of the stage that it replaces")
    options: Mapping[str, tuple[Mapping[str, Any], ...]] = Field(
        min_length=1, description="name of each option, and its stage or stages; [] is none"
    )

    @field_validator("options", mode="before")
    @classmethod
    def _stage_or_stages(cls, raw: Any) -> Any:
        if not isinstance(raw, Mapping):
            return raw
        return {
            name: (stages,) if isinstance(stages, Mapping) else stages
            for name, stages in raw.items()
        }

    @model_validator(mode="after")
    def _one_anchor(self) -> Self:
        if sum(anchor is not None for anchor in (self.after, self.before, self.instead)) != 1:
            raise ValueError('say where it stands: one of after, before, instead = "KIND"')
        return self


class SpaceSettings(Settings):
    """Which solutions are to be tried: a base, and what may be otherwise in it."""

    schema_: Literal[1] = Field(default=1, alias="schema", description="version of this format")
    base: str = Field(
        default="",
        description="what the others are made from: empty for the solution in force, else a preset, "
        "a name in solutions/ or a file",
    )
    stages: tuple[Place, ...] = Field(default=(), description="places for stages to be or not")
    axes: tuple[Axis, ...] = Field(default=(), description="choices that set several settings")
    choices: Mapping[str, Choice] = Field(
        default_factory=dict, description="path of a setting, and its values"
    )

    @field_validator("choices", mode="before")
    @classmethod
    def _by_path(cls, raw: Any) -> Any:
        return dict(_listed(raw)) if isinstance(raw, Mapping) else raw

    @model_validator(mode="after")
    def _names_and_conditions(self) -> Self:
        known = {name: frozenset(labels) for name, labels, _ in self.named()}
        names = [name for name, _, _ in self.named()]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two axes are named {name!r}; give one another name")
        conditions = {name: when for name, _, when in self.named()}
        for name, when in conditions.items():
            _check_condition(name, when, known)
            _check_circle(name, conditions)
        return self

    def named(self) -> Iterator[tuple[str, tuple[str, ...], When]]:
        """Name, labels of the options, and condition of every axis: places, axes, choices."""
        for place in self.stages:
            yield place.name, tuple(place.options), place.when
        for axis in self.axes:
            yield axis.name, tuple(axis.options), axis.when
        for path, choice in self.choices.items():
            yield path, tuple(label(value) for value in choice.listed()), choice.when


def read_space(path: Path) -> SpaceSettings:
    """Reads a space file.

    Raises:
        MissingError: there is no such file.
        ConfigError: naming the path in the file and the remedy.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MissingError(
            "there is no such space file",
            where=str(path),
            hint="without --space the documents say what is tried",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"is not valid TOML: {problem}", where=str(path)) from None
    return parse_space(raw, where=path.name)


def parse_space(raw: object, *, where: str = "space") -> SpaceSettings:
    """Builds a space from plain values.

    Raises:
        ConfigError: naming the path in the file and the remedy.
    """
    return parse(SpaceSettings, raw, Registry(), where=where)


def space_json(space: SpaceSettings) -> dict[str, Any]:
    """The settings as plain values that `parse_space` reads; what is not said is left out."""
    plain: dict[str, Any] = space.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {"schema": 1, **plain}


def space_text(space: SpaceSettings) -> str:
    """The settings as a space file that a person reads and edits."""
    plain = space_json(space)
    lines = ["schema = 1", *([f"base = {_toml(space.base)}"] if space.base else [])]
    for kind in ("stages", "axes"):
        for one in plain.get(kind, ()):
            lines += ["", f"[[{kind}]]"]
            for key, value in one.items():
                if key == "options":
                    lines += [
                        f"options.{_key(name)} = {_toml(_alone(option))}"
                        for name, option in value.items()
                    ]
                else:
                    lines.append(f"{key} = {_toml(value)}")
    if plain.get("choices"):
        lines += ["", "[choices]"]
        for path, choice in plain["choices"].items():
            said = choice["values"] if set(choice) == {"values"} else choice
            lines.append(f"{_path(path)} = {_toml(said)}")
    return "\n".join(lines) + "\n"


def label(value: Any) -> str:
    """How a value is called: text as it is, a part by its kind, anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and set(value) == {"kind"}:
        return str(value["kind"])
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _alone(option: Any) -> Any:
    return option[0] if isinstance(option, list) and len(option) == 1 else option


def _toml(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_path(key)} = {_toml(inner)}" for key, inner in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _path(dotted: str) -> str:
    return ".".join(map(_key, dotted.split(".")))


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)


def _listed(raw: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Path to list or range, whether the file writes paths with dots or as tables in tables."""
    for key, value in raw.items():
        path = f"{above}.{key}" if above else str(key)
        if isinstance(value, list | tuple):
            yield path, {"values": value}
        elif isinstance(value, Mapping) and not _RANGE & set(value):
            yield from _listed(value, path)
        elif isinstance(value, Mapping | Choice):
            yield path, value
        else:
            raise ValueError(f"{path} must be a list of values or a range, not {value!r}")


def _leaves(raw: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Path to value; a part (a table with `kind`), an empty table and one of a stage, such as `views`, stay whole."""
    for key, value in raw.items():
        path = f"{above}.{key}" if above else str(key)
        whole = path.startswith("stages.") and path.count(".") >= _IN_A_STAGE
        if isinstance(value, Mapping) and value and "kind" not in value and not whole:
            yield from _leaves(value, path)
        else:
            yield path, value


def _conditions(raw: Any) -> Any:
    if not isinstance(raw, Mapping):
        return raw
    return {
        name: (options,) if isinstance(options, str | int | float | bool) else options
        for name, options in _one_level(raw)
    }


def _one_level(raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for path, value in _leaves(raw):
        yield (
            path,
            [label(one) for one in value] if isinstance(value, list | tuple) else label(value),
        )


def _check_condition(name: str, when: When, known: Mapping[str, Iterable[str]]) -> None:
    for axis, options in when.items():
        if axis not in known:
            raise ValueError(
                f"{name} counts when {axis!r} ..., and there is no such axis: {', '.join(known)}"
            )
        for option in options:
            if option not in known[axis]:
                raise ValueError(
                    f"{name} counts when {axis} = {option!r}, and that is no option of it: "
                    f"{', '.join(sorted(known[axis]))}"
                )


def _check_circle(name: str, conditions: Mapping[str, When]) -> None:
    reached: list[str] = []
    ahead: Sequence[str] = list(conditions[name])
    while ahead:
        reached += ahead
        if name in reached:
            raise ValueError(f"{name} depends on itself through its conditions")
        ahead = [axis for one in ahead for axis in conditions[one] if axis not in reached]
