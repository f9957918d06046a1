"""Where eval sets lie: `evalsets/NAME.jsonl` of the workspace, or any path."""

from __future__ import annotations

import re
from pathlib import Path

from surefoot.core.errors import ConfigError, MissingError

FOLDER = "evalsets"
_NAME = re.compile(r"[^\W_][\w.-]*")
_NAME_BYTES = 200  # file systems allow 255, endings and numbers included


def evalset_file(root: Path, name: str) -> Path:
    """Where a set of this name is kept in a workspace, there or not.

    Raises:
        ConfigError: it cannot be a file's name.
    """
    plain = name.removesuffix(".jsonl")
    if not _NAME.fullmatch(plain) or len(plain.encode()) > _NAME_BYTES:
        raise ConfigError(
            f"{name!r} is not a name", hint="letters, digits, dots, hyphens and underscores"
        )
    return root / FOLDER / f"{plain}.jsonl"


def find_evalset(name: str | Path, root: Path | None = None) -> Path:
    """The file or folder of an eval set that is given by its path, or by its name in the workspace at `root`.

    Raises:
        MissingError: there is none; the hint names those that there are.
    """
    given = Path(name).expanduser()
    places = [given]
    if root is not None and len(given.parts) == 1:
        places += [root / FOLDER / f"{given.name}.jsonl", root / FOLDER / given.name]
    elif root is not None and not given.is_absolute():
        places.append(root / given)
    for place in places:
        if place.is_file() or (place / "queries.jsonl").is_file():
            return place
    known = ", ".join(evalset_names(root)) if root else ""
    raise MissingError(
        "there is no eval set",
        where=str(name),
        hint=f"known here: {known}" if known else "a BEIR-layout folder or a .jsonl file",
    )


def evalset_names(root: Path) -> list[str]:
    """The names of the sets in a workspace, sorted; what reviews rejected is none."""
    folder = root / FOLDER
    files = {file.stem for file in folder.glob("*.jsonl") if not file.stem.endswith(".rejected")}
    return sorted(files | {file.parent.name for file in folder.glob("*/queries.jsonl")})
