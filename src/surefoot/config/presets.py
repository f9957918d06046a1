"""Solutions that come with surefoot, as plain files to start from; measured beside each other in docs/presets.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from surefoot.core.errors import MissingError

_TOML = ".toml"
OF_DOCUMENTS = ("sources", "metadata", "describe", "clean", "limits")
"""The corpus settings that say which documents there are and how they are read, not how they are searched."""


def preset_names() -> list[str]:
    """All presets, sorted."""
    return sorted(
        file.name.removesuffix(_TOML) for file in _folder().iterdir() if file.name.endswith(_TOML)
    )


def preset_text(name: str) -> str:
    """The file of a preset.

    Raises:
        MissingError: there is no such preset.
    """
    if name not in preset_names():
        known = ", ".join(preset_names())
        raise MissingError(f"there is no preset {name!r}", hint=f"known: {known}")
    return (_folder() / f"{name}{_TOML}").read_text(encoding="utf-8")


def preset_line(name: str) -> str:
    """What a preset is for: the comment that its file begins with."""
    return preset_text(name).split("\n", 1)[0].lstrip("# ")


def over_documents(text: str, written: Mapping[str, Any]) -> str:
    """The file over the documents that a solution names, comments kept.

    Of `written`, the plain values of a solution file, it takes what says which documents there are and how they are
    read and described (sources, metadata, describe, clean, limits), and the endpoints. What the preset itself says
    rules.
    """
    import tomlkit

    document = tomlkit.parse(text)
    corpus = document.setdefault("corpus", tomlkit.table())
    own = written.get("corpus", {})
    for key in OF_DOCUMENTS:
        if key in own and not corpus.get(key):
            corpus[key] = _inline(own[key])
    endpoints = written.get("endpoints", {})
    if endpoints:
        document["endpoints"] = {**endpoints, **document.get("endpoints", {})}
    return tomlkit.dumps(document)


def _inline(value: Any) -> Any:
    """The value on one line, as inline tables and arrays."""
    import tomlkit

    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        table.update({key: _inline(item) for key, item in value.items()})
        return table
    if isinstance(value, Sequence) and not isinstance(value, str):
        array = tomlkit.array()
        for item in value:
            array.append(_inline(item))
        return array
    return value


def _folder() -> Traversable:
    return resources.files("surefoot.config") / "data" / "presets"
