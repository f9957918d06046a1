"""Writes a found solution as a file that people read, and puts it into force."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Any

from surefoot.config.solution import read_settings
from surefoot.core.errors import ConfigError, MissingError
from surefoot.optimize.spaces.assembly import STAGES
from surefoot.optimize.spaces.ground import Checked, Ground
from surefoot.run.corpus import rewrite
from surefoot.run.formers import Former, Formers, Replaced, Why, new_sources
from surefoot.run.serving import is_built, make_live

if TYPE_CHECKING:
    from surefoot.optimize.running.variants import Variants
    from surefoot.run.workspace import Workspace

_KEPT = ("schema", "name")
_NAME = re.compile(r"[\w-][\w.-]*")


def rewritten(text: str, plain: Mapping[str, Any]) -> str:
    """The solution file with these settings; comments stay where what they stand beside does."""
    import tomlkit

    document: Any = tomlkit.parse(text)
    given = {key: value for key, value in plain.items() if key not in (*_KEPT, STAGES)}
    for key in [key for key in document if key not in (*_KEPT, STAGES, *given)]:
        del document[key]
    for key, value in given.items():
        if isinstance(value, Mapping) and key in document:
            _merge(document[key], value)
        else:
            document[key] = value
    _put_stages(document, list(plain.get(STAGES, ())))
    return tomlkit.dumps(document)


def apply(space: Workspace, checked: Checked, variants: Variants, name: str) -> Path:
    """Makes a solution the one in force and its index the live one; where the former solution file lies now.

    Raises:
        ConfigError: the workspace was opened under another solution than its own.
    """
    if not space.is_default:
        raise ConfigError(
            "the solution in force is not the workspace's own",
            where=space.solution_file.name,
            hint="leave --solution out",
        )
    variants.prepare(checked)
    return put(space, checked, name, "optimize")


def promote(space: Workspace, name: str) -> Path:
    """Makes a solution of `solutions/` the workspace's own and its index the live one; where the former file lies now.

    Raises:
        MissingError: there is no such solution.
        ConfigError: it is wrong, or its index is not complete.
    """
    file = space.root / "solutions" / f"{name}.toml"
    if not _NAME.fullmatch(name) or not file.is_file():
        known = ", ".join(sorted(one.stem for one in file.parent.glob("*.toml")))
        raise MissingError(f"there is no solution {name!r}", hint=f"known: {known or 'none'}")
    ground = Ground(space)
    checked = ground.checked(read_settings(file))
    if checked.solution.corpus is not None and not is_built(ground.resources(checked.solution)):
        raise ConfigError(
            "its index is not complete",
            where=name,
            hint=f"surefoot sync --solution {name}",
        )
    return put(space, checked, name)


def put(space: Workspace, checked: Checked, name: str, why: Why = "promote") -> Path:
    """Writes a solution whose index is there over the workspace's own; where the former file lies now."""
    text = space.solution_file.read_text(encoding="utf-8")
    former = space.root / "solutions" / f"before-{name}.toml"
    former.parent.mkdir(exist_ok=True)
    former.write_text(text, encoding="utf-8")
    replace_own(space, rewritten(text, checked.plain), why, name)
    return former


def replace_own(space: Workspace, text: str, why: Why, name: str) -> Former | None:
    """Writes a text over the workspace's own solution file and makes its index the live one.

    Gives back what was replaced, which `Formers` keeps; None where the text is the same.
    """
    before = space.solution_file.read_text(encoding="utf-8")
    former = None
    if before != text:
        brought = new_sources(tomllib.loads(before), tomllib.loads(text))
        replaced = Replaced(text=before, digest=space.resources.digest, brought=brought)
        former = Formers(space.root).keep(replaced, why, name, time_ns())
    rewrite(space, text)
    if space.solution.corpus is not None:
        with space.wanted() as resources:
            make_live(resources)
        space.reload()
    return former


def _put_stages(document: Any, stages: Sequence[Mapping[str, Any]]) -> None:
    """Stages of the same kind keep their table, and so their comments."""
    import tomlkit

    there = list(document.get(STAGES, ()))
    if [one.get("kind") for one in there] == [one.get("kind") for one in stages]:
        for table, stage in zip(there, stages, strict=True):
            _merge(table, stage)
        return
    listed = tomlkit.aot()
    for stage in stages:
        same = next((one for one in there if one.get("kind") == stage.get("kind")), None)
        if same is not None:
            there.remove(same)
        table = tomlkit.table() if same is None else same
        _merge(table, stage)
        if same is None:
            table.add(tomlkit.nl())
        listed.append(table)
    document[STAGES] = listed


def _merge(table: Any, values: Mapping[str, Any]) -> None:
    import tomlkit

    for key in [key for key in table if key not in values]:
        del table[key]
    for key, value in values.items():
        if key in table and table[key] == value:
            continue
        if isinstance(value, Mapping):
            inline = tomlkit.inline_table()
            inline.update(value)
            table[key] = inline
        else:
            table[key] = value
