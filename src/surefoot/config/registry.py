"""Finds the class behind a kind. Built-in kinds and entry points are strings until one is chosen."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal, get_args

from surefoot.config.base import PartSettings
from surefoot.config.builtin import BUILTIN
from surefoot.core.errors import ConfigError

Role = Literal[
    "source",
    "describer",
    "chunker",
    "view",
    "embedder",
    "reranker",
    "engine",
    "chat",
    "stage",
    "tuner",
    "metric",
]
GROUP = "surefoot.parts"


@dataclass(frozen=True, slots=True)
class PartEntry:
    """One line of `surefoot parts list`: where a kind comes from, without importing it."""

    role: str
    kind: str
    target: str
    origin: str


class Registry:
    """Role and kind to class. Built-ins win over plugins of the same name."""

    def kinds(self, role: str) -> list[str]:
        """The kinds known for a role, sorted."""
        return sorted(entry.kind for entry in self.entries if entry.role == role)

    def part_class(self, role: str, kind: str) -> Any:
        """Imports and returns the class of a kind; it has the attribute `Settings`.

        Raises:
            ConfigError: the kind is unknown, or its distribution is broken (named in the message).
        """
        entry = self._entry(role, kind)
        if entry is None:
            known = self.kinds(role)
            near = difflib.get_close_matches(kind, known, 1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise ConfigError(
                f"unknown {role} kind {kind!r}", hint=f"{hint}known: {', '.join(known)}"
            )
        module, _, name = entry.target.partition(":")
        try:
            return getattr(import_module(module), name)
        except Exception as problem:
            if entry.origin == "surefoot":
                raise
            raise ConfigError(
                f"the {role} {kind!r} of {entry.origin} cannot be loaded: {problem}",
                hint=f"mend or remove the distribution {entry.origin}",
            ) from problem

    def settings_class(self, role: str, kind: str) -> type[PartSettings]:
        """The settings class of a kind."""
        settings: type[PartSettings] = self.part_class(role, kind).Settings
        return settings

    @cached_property
    def entries(self) -> tuple[PartEntry, ...]:
        """All parts, built-in and third-party; nothing is imported."""
        builtin = {
            (role, kind): PartEntry(role, kind, target, "surefoot")
            for role, kinds in BUILTIN.items()
            for kind, target in kinds.items()
        }
        plugins = {}
        for point in entry_points(group=GROUP):
            role, _, kind = point.name.partition(".")
            if role in get_args(Role) and kind and (role, kind) not in builtin:
                plugins[role, kind] = PartEntry(role, kind, point.value, _distribution(point))
        return tuple(
            sorted({**plugins, **builtin}.values(), key=lambda entry: (entry.role, entry.kind))
        )

    def _entry(self, role: str, kind: str) -> PartEntry | None:
        """Built-in kinds are known without a look at what is installed, which takes 30 ms."""
        target = BUILTIN.get(role, {}).get(kind)
        if target is not None:
            return PartEntry(role, kind, target, "surefoot")
        return self._index.get((role, kind))

    @cached_property
    def _index(self) -> dict[tuple[str, str], PartEntry]:
        return {(entry.role, entry.kind): entry for entry in self.entries}


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value
