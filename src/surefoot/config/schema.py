"""The JSON Schema of the solution file, with every kind of every role in its place."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from surefoot.config.base import Part, PartSettings, Settings
from surefoot.config.registry import Registry
from surefoot.config.solution import Corpus, Solution
from surefoot.core.errors import ConfigError

_REF = "#/$defs/{model}"


def solution_schema(registry: Registry) -> dict[str, Any]:
    """A JSON Schema (2020-12) that editors can check a solution file with; broken plugins are left out."""
    classes = part_settings(registry)
    models: list[tuple[type[Settings], Any]] = [(Solution, "validation")]
    models += [(model, "validation") for kinds in classes.values() for model in kinds.values()]
    refs, definitions = models_json_schema(models, by_alias=True, ref_template=_REF)
    defs = definitions["$defs"]
    for owner in (Solution, Corpus):
        for name, field in owner.model_fields.items():
            for mark in field.metadata:
                if isinstance(mark, Part):
                    choice = {
                        "oneOf": [
                            refs[model, "validation"]
                            for model in classes.get(mark.role, {}).values()
                        ]
                    }
                    place = defs[owner.__name__]["properties"][field.alias or name]
                    _put(place, choice)
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


def _put(place: dict[str, Any], choice: dict[str, Any]) -> None:
    if "items" in place:
        place["items"] = choice
    else:
        for key in ("$ref", "anyOf", "allOf"):
            place.pop(key, None)
        place.update(choice)
