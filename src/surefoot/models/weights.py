"""Names the content behind a model's name, for the digests of recipes and solutions."""

from __future__ import annotations

from pathlib import Path

from surefoot.config.catalog import load_catalog
from surefoot.core.digest import digest_json, sha256_file
from surefoot.core.errors import MissingError
from surefoot.models.base import ModelEnv
from surefoot.models.fetch import card_digest


def model_digest(name: str, env: ModelEnv) -> str:  # noqa: ARG001
    """The content hash of a model: of an alias by the catalog, of a file or folder by its bytes.

    A name such as `http:NAME` names a remote model, whose content nobody here can see: it is returned as it is.

    Raises:
        MissingError: there is neither such an alias nor such a file or folder.
    """
    if name.startswith("http:"):
        return name
    catalog = load_catalog()
    if name in catalog:
        return card_digest(catalog.get(name))
    path = Path(name).expanduser()
    if path.is_file():
        return sha256_file(path)
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file())
        return digest_json([(p.relative_to(path).as_posix(), sha256_file(p)) for p in files])
    catalog.get(name)
    raise MissingError("there is no such model", where=name)
