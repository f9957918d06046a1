"""What a space stands on: the workspace's settings, and from plain settings to a checked solution with its digest.

Nothing heavy is opened: weights are named by the catalog's hashes or by those that are remembered.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surefoot.config.presets import preset_names, preset_text
from surefoot.config.registry import Registry
from surefoot.config.solution import Solution, parse_solution, read_settings
from surefoot.core.errors import MissingError
from surefoot.run.build import Resources

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

_OF_DOCUMENTS = ("sources", "metadata", "describe", "limits")
"""Corpus settings that tell of the documents, and so hold for every solution over them."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A solution that can be built. `plain` says only what differs from defaults; `digest` names all of it."""

    plain: Mapping[str, Any]
    solution: Solution
    digest: str


class Ground:
    """The workspace that solutions are made for."""

    def __init__(self, space: Workspace) -> None:
        self._space = space
        self._registry = Registry()

    @property
    def present(self) -> dict[str, Any]:
        """The settings in force."""
        return self._space.settings_in_force()

    @property
    def baseline(self) -> dict[str, Any]:
        """The settings of a new workspace, over these documents; those in force where there are none."""
        if "corpus" not in self.present:
            return self.present
        file = resources.files("surefoot.config") / "data" / "solution.toml"
        return self._over_these(tomllib.loads(file.read_text(encoding="utf-8")))

    def named(self, base: str) -> dict[str, Any]:
        """The settings that a space file calls its base: empty for those in force, a solution, a file or a preset.

        Raises:
            MissingError: there is nothing of that name.
        """
        root = self._space.root
        for file in (root / "solutions" / f"{base}.toml", root / base, Path(base)):
            if base and file.is_file():
                return self._over_these(read_settings(file))
        if base in preset_names():
            return self._over_these(tomllib.loads(preset_text(base)))
        if base:
            known = [*sorted(file.stem for file in (root / "solutions").glob("*.toml"))]
            raise MissingError(
                f"there is no solution or preset {base!r}",
                where="space: base",
                hint=f"known: {', '.join([*known, *preset_names()])}",
            )
        return self.present

    def parsed(self, plain: Mapping[str, Any]) -> Solution:
        """The settings, checked one by one.

        Raises:
            ConfigError: one of them is wrong.
        """
        return parse_solution(plain, self._registry, where="space")

    def checked(self, plain: Mapping[str, Any]) -> Checked:
        """The solution of these settings.

        Raises:
            ConfigError: a setting is wrong, or the stages cannot stand in this order.
            MissingError: it names a prompt, file or model that is not there.
        """
        solution = self.parsed(plain)
        built = self.resources(solution)
        built.stages()
        return Checked(plain, solution, built.digest)

    def resources(self, solution: Solution) -> Resources:
        """What the parts of a solution share; nothing is opened yet."""
        settings = self._space.settings.settings
        return Resources(solution, self._space.place, settings, self._registry)

    def _over_these(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        present = self.present.get("corpus", {})
        told = {key: present[key] for key in _OF_DOCUMENTS if key in present}
        corpus = plain.get("corpus")
        made = {**plain, "corpus": {**corpus, **told}} if corpus is not None else dict(plain)
        endpoints = {**self.present.get("endpoints", {}), **plain.get("endpoints", {})}
        return {**made, "endpoints": endpoints} if endpoints else made
