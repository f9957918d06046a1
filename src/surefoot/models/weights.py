"""Names the content behind a model's name, for the digests of recipes and solutions."""

from __future__ import annotations

import json
from pathlib import Path

from surefoot.config.catalog import load_catalog
from surefoot.core.digest import digest_json, sha256_bytes, sha256_file
from surefoot.models.base import ModelEnv
from surefoot.models.fetch import card_digest
from surefoot.models.openvino import writable

MEMORY = "hashed"


def model_digest(name: str, env: ModelEnv) -> str:
    """The content hash of a model: of an alias by the catalog, of a file or folder by its bytes.

    A file's hash is remembered in the cache until its size or time changes. A name such as `http:NAME` names a
    remote model, whose content nobody here can see: it is returned as it is.

    Raises:
        MissingError: there is neither such an alias nor such a file or folder.
    """
    if name.startswith("http:"):
        return name
    catalog = load_catalog()
    path = env.place(name)
    if name not in catalog and path.is_file():
        return file_digest(path, env)
    if name not in catalog and path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p, path))
        return digest_json([(p.relative_to(path).as_posix(), file_digest(p, env)) for p in files])
    return card_digest(catalog.get(name))


def same_model(name: str, digest: str, env: ModelEnv) -> bool:
    """Whether a model has the content that `digest` names, be it called by alias or by file.

    Raises:
        MissingError: there is neither such an alias nor such a file or folder.
    """
    return content_of(model_digest(name, env)) == content_of(digest)


def content_of(digest: str) -> str:
    """The same digest for the same content, be it of an alias or of its single file."""
    single = {
        card_digest(card): card.files[0].sha256
        for card in load_catalog().cards.values()
        if len(card.files) == 1
    }
    return single.get(digest, digest)


def file_digest(path: Path, env: ModelEnv) -> str:
    """The sha256 of the file; remembered by path, size and time of change."""
    place, said = str(path.resolve()), path.stat()
    stamp = [place, said.st_size, said.st_mtime_ns]
    memory = env.cache / MEMORY / f"{sha256_bytes(place.encode())[:32]}.json"
    try:
        kept = json.loads(memory.read_text(encoding="utf-8"))
        if kept["stamp"] == stamp:
            return str(kept["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    found = sha256_file(path)
    if writable(memory.parent):
        memory.write_text(json.dumps({"stamp": stamp, "sha256": found}), encoding="utf-8")
    return found


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)
