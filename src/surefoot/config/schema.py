"""The JSON Schema of the solution file, with every kind of every role in its place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import models_json_schema

from surefoot.config.base import Part, PartSettings, Settings, listed_settings, nested_settings
from surefoot.config.registry import Registry
from surefoot.config.solution import Solution
from surefoot.core.errors import ConfigError

_REF = "#/$defs/{model}"


def solution_schema(registry: Registry) -> dict[str, Any]:
    """A JSON Schema (2020-12) that editors can check a solution file with; broken plugins are left out."""
    classes = part_settings(registry)
    models: list[tuple[type[Settings], Any]] = [(Solution, "validation")]
    models += [(model, "validation") for kinds in classes.values() for model in kinds.values()]
    refs, definitions = models_json_schema(models, by_alias=True, ref_template=_REF)
    defs = definitions["$defs"]
    for owner in _owners(
        (Solution, *(model for kinds in classes.values() for model in kinds.values()))
    ):
        for name, field in owner.model_fields.items():
            for mark in field.metadata:
                if isinstance(mark, Part):
                    known = classes.get(mark.role, {}).values()
                    choice = {"oneOf": [refs[model, "validation"] for model in known]}
                    _put(defs[owner.__name__]["properties"][field.alias or name], choice)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **refs[Solution, "validation"],
        "$defs": defs,
    }


def part_settings(registry: Registry) -> dict[str, dict[str, type[PartSettings]]]:
    """The settings class of every kind that can be loaded, by role and kind."""
    found: dict[str, dict[str, type[PartSettings]]] = {}
    for entry in registry.entries:
        try:
            found.setdefault(entry.role, {})[entry.kind] = registry.settings_class(
                entry.role, entry.kind
            )
        except ConfigError:
            continue
    return found


def _owners(models: Iterable[type[Settings]]) -> list[type[Settings]]:
    """These settings and all that are nested in them."""
    found: list[type[Settings]] = []
    waiting = list(models)
    while waiting:
        model = waiting.pop()
        if model not in found:
            found.append(model)
            for field in model.model_fields.values():
                nested = nested_settings(field.annotation) or listed_settings(field.annotation)
                waiting += [nested] if nested else []
    return found


def _put(place: dict[str, Any], choice: dict[str, Any]) -> None:
    if "items" in place:
        place["items"] = choice
    else:
        for key in ("$ref", "anyOf", "allOf"):
            place.pop(key, None)
        place.update(choice)
