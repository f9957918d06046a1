"""Where the weights of speech recognition lie; those of the catalog are fetched first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from surefoot.config.catalog import load_catalog
from surefoot.core.errors import MissingError
from surefoot.models.fetch import fetch

if TYPE_CHECKING:
    from pathlib import Path

    from surefoot.models.base import ModelEnv


def speech_folder(name: str, env: ModelEnv) -> Path:
    """The folder of an alias, or the user's own; an empty name is the catalog's default.

    Raises:
        MissingError: there is neither such an alias nor such a folder, or it is absent and the network off.
        TransientError: the sources did not answer.
    """
    catalog = load_catalog()
    alias = name or catalog.default("speech")
    if alias in catalog:
        return fetch(catalog.get(alias, "speech"), env)
    folder = env.place(alias)
    if not (folder / "model.bin").is_file():
        raise MissingError(
            "is neither a speech model of the catalog nor a folder with a model.bin",
            where=alias,
            hint="surefoot models list shows the aliases",
        )
    return folder
