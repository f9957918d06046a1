"""Which recipe's index answers at a location, and the switch from one to another.

A new chunker or encoder is indexed beside the live recipe: open its index, fill it from
`LanceIndex.contents()`, then `switch`. Until then, and for a reader that still has it open, the former one answers.
"""

from __future__ import annotations

from collections.abc import Mapping

from surefoot.core.crash import crash_point
from surefoot.core.errors import ConfigError, MissingError
from surefoot.store.snapshots import Snapshots
from surefoot.store.tables import RECIPE_KEY, Tables, counts_name, passages_name


def live_recipe(location: str, *, storage_options: Mapping[str, str] | None = None) -> str | None:
    """The digest of the live recipe; None where nothing is indexed."""
    return Tables(location, storage_options=storage_options, read_only=True).live()


def switch(location: str, digest: str, *, storage_options: Mapping[str, str] | None = None) -> None:
    """Makes a recipe the live one, in one commit.

    Raises:
        MissingError: no index of that recipe is there.
    """
    tables = Tables(location, storage_options=storage_options)
    with tables.writing():
        if digest not in tables.recipes():
            raise MissingError(f"there is no index of the recipe {digest}", where=location)
        crash_point("switch.before")
        tables.make_live(digest)
        crash_point("switch.after")


def drop_recipe(
    location: str, digest: str, *, storage_options: Mapping[str, str] | None = None
) -> None:
    """Drops the index of a recipe that is not live.

    Raises:
        ConfigError: it is the live one, or a snapshot needs it.
    """
    tables = Tables(location, storage_options=storage_options)
    with tables.writing():
        if tables.live() == digest:
            raise ConfigError(f"the recipe {digest} is live", hint="switch to another one first")
        for snapshot in Snapshots(tables).list():
            if snapshot.recipe == digest:
                raise ConfigError(
                    f"the snapshot {snapshot.name!r} needs the recipe {digest}",
                    hint=f"surefoot snapshot delete {snapshot.name}",
                )
        tables.forget(f"{RECIPE_KEY}{digest}")
        crash_point("drop.forgotten")
        tables.drop(passages_name(digest))
        tables.drop(counts_name(digest))
        tables.clear_versions()
