"""Puts a kept hybrid among the workspace's solutions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import tomlkit

from surefoot.core.errors import ConfigError
from surefoot.optimize.hybrid.building import Hybrid

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace


def hybrid_file(space: Workspace, name: str, *, overwrite: bool = False) -> Path:
    """Where a hybrid of this name is written.

    Raises:
        ConfigError: a solution of this name is there already.
    """
    file = space.root / "solutions" / f"{name}.toml"
    if file.exists() and not overwrite:
        raise ConfigError(
            "there is a solution of this name",
            where=str(file),
            hint="--name gives another, --yes overwrites it",
        )
    return file


def write_hybrid(hybrid: Hybrid, file: Path) -> None:
    """Writes the solution; under `solutions/`, `surefoot ask --solution NAME` answers with it.

    Raises:
        ConfigError: there is no solution to write.
    """
    if hybrid.solution is None:
        raise ConfigError("there is no hybrid to write", where=hybrid.name)
    file.parent.mkdir(exist_ok=True)
    plain = json.loads(json.dumps(hybrid.solution))
    file.write_text(tomlkit.dumps(plain), encoding="utf-8")
