"""Puts a former solution of the workspace into force again, as it was; that too can be undone."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import ConfigError
from surefoot.optimize.files import EXPERIMENTS
from surefoot.optimize.running.variants import Show, Variants
from surefoot.optimize.spaces.ground import Checked, Ground
from surefoot.optimize.spaces.winner import replace_own, rewritten
from surefoot.run.formers import Former, Formers, new_sources, sources_of
from surefoot.run.places import INNER
from surefoot.run.serving import is_built
from surefoot.run.sources import identity

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What came back, and what it took the place of; None where it was in force already.

    `stale`: its sources are others than those of now, so that a sync should follow.
    """

    back: Former
    former: Former | None
    stale: bool


def roll_back(space: Workspace, id: str = "last", show: Show = lambda *_: None) -> RolledBack:
    """Makes a former solution the workspace's own again and its index the live one.

    Sources that were added since by hand stay: it is a way to answer that comes back, not a state of the documents. Its
    index is brought in step with the documents of now where the sources are the same.

    Raises:
        MissingError: there is no such former solution, or it names what is there no more.
        ConfigError: the workspace was opened under another solution, or an index is not complete.
    """
    if not space.is_default:
        raise ConfigError(
            "the solution in force is not the workspace's own",
            where=space.solution_file.name,
            hint="leave --solution out",
        )
    formers = Formers(space.root)
    back = formers.get(id)
    present, plain = space.written_settings(), tomllib.loads(back.text)
    wanted = _with_sources_since(present, plain, formers)
    ground = Ground(space)
    checked = ground.checked(wanted)
    stale = bool(new_sources(present, wanted) or new_sources(wanted, present))
    _see_to_index(space, ground, checked, stale, show)
    text = back.text if wanted == plain else rewritten(back.text, wanted)
    return RolledBack(back, replace_own(space, text, "rollback", back.id), stale)


def _with_sources_since(
    present: Mapping[str, Any], plain: Mapping[str, Any], formers: Formers
) -> dict[str, Any]:
    """The former settings, with the sources that neither it nor a solution put into force brought."""
    if "corpus" not in plain:
        return dict(plain)
    known = {*formers.brought(), *(identity(one) for one in sources_of(plain))}
    added = [one for one in sources_of(present) if identity(one) not in known]
    if not added:
        return dict(plain)
    corpus = {**plain["corpus"], "sources": [*sources_of(plain), *added]}
    return {**plain, "corpus": corpus}


def _see_to_index(
    space: Workspace, ground: Ground, checked: Checked, stale: bool, show: Show
) -> None:
    """Brings its index in step, or raises ConfigError where there is none and one cannot be made of what is there."""
    if checked.solution.corpus is None:
        return
    if stale:
        if not is_built(ground.resources(checked.solution)):
            raise ConfigError(
                "its index is gone, and its sources are others than those of now",
                where=checked.solution.name,
                hint="put its text into solutions/, sync it with --solution, and promote it",
            )
        return
    folder = space.root / INNER / EXPERIMENTS / "rolled-back"
    Variants(space, ground, folder, show).prepare(checked)
