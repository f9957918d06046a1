"""Settings: strict, frozen, and parsed with errors that name the path in the file and the remedy.

A field marked `Part(role)` holds the settings of any kind of that role; the registry is asked for the class.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Protocol, TypeVar, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, SerializeAsAny, ValidationError
from pydantic.fields import FieldInfo

from surefoot.core.errors import ConfigError


class Settings(BaseModel):
    """Base of all settings: unknown keys are errors, values cannot change."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class PartSettings(Settings):
    """Base of the settings of a part; subclasses narrow `kind` to a Literal with a default."""

    kind: str


@dataclass(frozen=True, slots=True)
class Part:
    """Marks a field that holds a part of this role; `default_kind` is taken where the file names none."""

    role: str
    default_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """Marks a text field that names what can change an answer by its content: a `model`, `prompt`, `file` or `adapter`.

    An empty name names nothing.
    """

    what: str


@dataclass(frozen=True, slots=True)
class Incidental:
    """Marks a field that cannot change a result, such as a time limit: it does not count for digests."""


@dataclass(frozen=True, slots=True)
class Added:
    """Marks a field that came later: at its default it does not count for digests, and what was kept stays valid."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Marks a field that changes how questions are read and nothing of an index: it counts for the solution alone."""


def _names_a_variable(key: str) -> str:
    if not re.fullmatch(r"(env:[A-Za-z_][A-Za-z0-9_]*)?", key):
        raise ValueError('must be "env:VARIABLE": a key itself never stands in a solution file')
    return key


AnyPart = SerializeAsAny[PartSettings]
ModelName = Annotated[str, Names("model")]
PromptName = Annotated[str, Names("prompt")]
AdapterName = Annotated[str, Names("adapter")]
KeyName = Annotated[str, AfterValidator(_names_a_variable)]


class SettingsRegistry(Protocol):
    """What parsing needs of the registry."""

    def settings_class(self, role: str, kind: str) -> type[PartSettings]: ...

    def kinds(self, role: str) -> list[str]: ...


M = TypeVar("M", bound=Settings)


def parse(
    model: type[M], raw: object, registry: SettingsRegistry, *, where: str, path: str = ""
) -> M:
    """Builds settings from plain values, parts and nested parts included.

    Raises:
        ConfigError: `where: path problem | remedy`, the first problem found.
    """
    if not isinstance(raw, Mapping):
        raise ConfigError(f"{path or 'the file'} must be a table", where=where)
    values = dict(raw)
    for name, field in model.model_fields.items():
        key = field.alias or name
        if key in values:
            values[key] = _parse_field(field, values[key], registry, where, _join(path, key))
    try:
        return model.model_validate(values)
    except ValidationError as problem:
        raise explain(problem, model, where=where, path=path) from None


def explain(
    problem: ValidationError, model: type[BaseModel], *, where: str, path: str = ""
) -> ConfigError:
    """The first problem of a validation in words, with its path and a remedy."""
    first = problem.errors()[0]
    place = _join(path, ".".join(str(part) for part in first["loc"]))
    kind, context = first["type"], first.get("ctx", {})
    hint = ""
    if kind == "extra_forbidden":
        known = [field.alias or name for name, field in model.model_fields.items()]
        near = difflib.get_close_matches(str(first["loc"][-1]), known, 1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
        return ConfigError(f"{place} is not a setting", where=where, hint=hint)
    if kind == "missing":
        return ConfigError(f"{place} is missing", where=where)
    for bound, words, step in (
        ("ge", "at least", 0),
        ("gt", "more than", 1),
        ("le", "at most", 0),
        ("lt", "less than", -1),
    ):
        if bound in context:
            limit = context[bound]
            example = limit + step if isinstance(limit, int) else limit
            return ConfigError(
                f"{place} must be {words} {limit}",
                where=where,
                hint=f"try {place.rsplit('.', 1)[-1]} = {example}",
            )
    message = str(first["msg"]).removeprefix("Value error, ")
    return ConfigError(f"{place}: {message[:1].lower()}{message[1:]}".lstrip(": "), where=where)


def _parse_field(
    field: FieldInfo, value: Any, registry: SettingsRegistry, where: str, path: str
) -> Any:
    part = next((mark for mark in field.metadata if isinstance(mark, Part)), None)
    if part is not None:
        if isinstance(value, list | tuple):
            return [
                _parse_part(part, item, registry, where, f"{path}.{i}")
                for i, item in enumerate(value)
            ]
        return None if value is None else _parse_part(part, value, registry, where, path)
    nested = nested_settings(field.annotation)
    if nested is not None and isinstance(value, Mapping):
        return parse(nested, value, registry, where=where, path=path)
    listed = listed_settings(field.annotation)
    if listed is not None and isinstance(value, list | tuple):
        return [
            item
            if isinstance(item, listed)
            else parse(listed, item, registry, where=where, path=f"{path}.{i}")
            for i, item in enumerate(value)
        ]
    return value


def nested_settings(annotation: Any) -> type[Settings] | None:
    """The settings class of a field that holds one, or one or None."""
    union = get_origin(annotation) in (Union, UnionType)
    for candidate in get_args(annotation) if union else (annotation,):
        if isinstance(candidate, type) and issubclass(candidate, Settings):
            return None if issubclass(candidate, PartSettings) else candidate
    return None


def listed_settings(annotation: Any) -> type[Settings] | None:
    """The settings class of a field that holds a tuple of one class."""
    return nested_settings(get_args(annotation)[0]) if get_origin(annotation) is tuple else None


def _parse_part(
    part: Part, value: Any, registry: SettingsRegistry, where: str, path: str
) -> PartSettings:
    if isinstance(value, PartSettings):
        return value
    if not isinstance(value, Mapping):
        raise ConfigError(
            f"{path} must be a table",
            where=where,
            hint=f'try {path.split(".")[-1]} = {{ kind = "..." }}',
        )
    kind = value.get("kind", part.default_kind)
    if not isinstance(kind, str):
        raise ConfigError(
            f"{path}.kind is missing",
            where=where,
            hint=f"known: {', '.join(registry.kinds(part.role))}",
        )
    try:
        model = registry.settings_class(part.role, kind)
    except ConfigError as problem:
        raise ConfigError(
            f"{path}.kind: {problem.message}", where=where, hint=problem.hint
        ) from problem
    return parse(model, {**value, "kind": kind}, registry, where=where, path=path)


def _join(path: str, key: str) -> str:
    return ".".join(part for part in (path, key) if part)
