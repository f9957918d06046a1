"""Finds what was begun in a workspace by its folder: one folder each, with a file that says what was asked."""

from __future__ import annotations

from pathlib import Path

from surefoot.core.errors import MissingError


def begun(root: Path, marker: str) -> list[Path]:
    """The folders below `root` that hold the file `marker`, the one begun last at the end."""
    known = (file.parent for file in root.glob(f"*/{marker}"))
    return sorted(known, key=lambda folder: (folder / marker).stat().st_mtime_ns)


def find_begun(root: Path, marker: str, name: str, *, what: str) -> Path:
    """The folder whose name begins so; `last` is the one begun last. `what` is the word for it in an error.

    Raises:
        MissingError: none or several do.
    """
    known = begun(root, marker)
    found = known[-1:] if name == "last" else [one for one in known if one.name.startswith(name)]
    if len(found) != 1:
        raise MissingError(
            f"{len(found)} {what}s begin with {name!r}" if found else f"no such {what}",
            where=name,
            hint=f"known: {', '.join(one.name for one in known) or 'none'}",
        )
    return found[0]
