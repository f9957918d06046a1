"""Solutions that come with surefoot, as plain files to start from; measured beside each other in docs/presets.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from surefoot.core.errors import MissingError

_TOML = ".toml"


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


def with_sources(text: str, sources: Sequence[Mapping[str, Any]]) -> str:
    """The file with these sources in its corpus, comments kept."""
    import tomlkit

    document = tomlkit.parse(text)
    corpus = document.setdefault("corpus", tomlkit.table())
    listed = tomlkit.array()
    for source in sources:
        table = tomlkit.inline_table()
        table.update(source)
        listed.append(table)
    corpus["sources"] = listed
    return tomlkit.dumps(document)


def _folder() -> Traversable:
    return resources.files("surefoot.config") / "data" / "presets"
