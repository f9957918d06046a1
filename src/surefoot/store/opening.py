"""Opens the index of a recipe, shared or strict."""

from __future__ import annotations

from collections.abc import Mapping

from surefoot.store.lance import LanceIndex
from surefoot.store.schema import Recipe
from surefoot.store.strict import StrictIndex
from surefoot.store.tables import Tables


def open_index(
    location: str,
    recipe: Recipe,
    *,
    storage_options: Mapping[str, str] | None = None,
    read_only: bool = False,
    strict: bool = False,
) -> LanceIndex:
    """Opens the index of a recipe in a folder or at an `s3://` URL; a writer makes it where there is none.

    A `strict` one scores as if it held what the asker may read and nothing else.

    Raises:
        MissingError: opened for reading, and nothing is indexed there.
    """
    tables = Tables(str(location), storage_options=storage_options, read_only=read_only)
    if strict:
        return StrictIndex(tables, recipe)
    return LanceIndex(tables, recipe)
