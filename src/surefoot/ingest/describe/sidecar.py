"""A small file beside a document that says what it is, such as report.pdf.meta.json; YAML and TOML too."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from surefoot.config.base import PartSettings
from surefoot.core.errors import DataError
from surefoot.core.roles import SourceItem
from surefoot.core.types import Document
from surefoot.ingest.describe.values import plain_values, with_values

SUFFIXES = (".meta.json", ".meta.yaml", ".meta.yml", ".meta.toml")
_MOST_BYTES = 1 << 20


class SidecarSettings(PartSettings):
    """Metadata from FILE.meta.json, .meta.yaml or .meta.toml beside each file."""

    kind: Literal["sidecar"] = "sidecar"


class Sidecar:
    """Reads the first of the sidecar files that there is; a change of it is a change of its document."""

    Settings = SidecarSettings
    beside_text: ClassVar[bool] = True

    def __init__(self, settings: SidecarSettings, base: Path) -> None:
        del settings, base

    def describe(self, item: SourceItem, document: Document) -> Document:
        """The document with the metadata of its sidecar.

        Raises:
            DataError: the sidecar cannot be read, or holds no mapping.
        """
        file = _beside(item)
        if file is None:
            return document
        try:
            return with_values(document, plain_values(_read(file)))
        except (OSError, ValueError, RecursionError) as problem:
            raise DataError(
                f"its sidecar {file.name} cannot be used: {problem}",
                where=item.uri,
                hint="mend or remove it",
            ) from None

    def mark(self, item: SourceItem) -> str:
        """Name, size and time of the sidecar; empty where there is none."""
        file = _beside(item)
        if file is None:
            return ""
        try:
            status = file.lstat()
        except OSError:
            return file.name
        return f"{file.name} {status.st_size} {status.st_mtime_ns}"

    def is_description(self, item: SourceItem) -> bool:
        """Whether the item is the sidecar of a file that is there."""
        if item.path is None:
            return False
        name = item.path.name
        return any(
            name.endswith(suffix)
            and len(name) > len(suffix)
            and item.path.with_name(name.removesuffix(suffix)).is_file()
            for suffix in SUFFIXES
        )


def _beside(item: SourceItem) -> Path | None:
    if item.path is None:
        return None
    files = (item.path.with_name(item.path.name + suffix) for suffix in SUFFIXES)
    return next((file for file in files if file.is_symlink() or file.is_file()), None)


def _read(file: Path) -> Mapping[Any, Any]:
    if file.is_symlink():
        raise ValueError("it is a symbolic link, which is not followed")
    if file.stat().st_size > _MOST_BYTES:
        raise ValueError("it is larger than 1 MiB")
    found = _parsed(file.suffix, file.read_text(encoding="utf-8-sig"))
    if isinstance(found, Mapping):
        return found
    raise ValueError("it holds no keys with values")


def _parsed(suffix: str, text: str) -> Any:
    if suffix == ".json":
        return json.loads(text)
    if suffix == ".toml":
        return tomllib.loads(text)
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as problem:
        raise ValueError(" ".join(str(problem).split())) from None
