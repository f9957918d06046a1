"""Paths as ids and as people read them."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path


def clean_name(path: str) -> str:
    r"""A path as part of an id: NFC, `/` between its parts, bytes that are no UTF-8 as `\xff`."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return unicodedata.normalize("NFC", text).replace(os.sep, "/")


def shown(path: str, base: Path) -> str:
    """A path for people: relative to `base` where it is below it."""
    root = str(base.absolute()).rstrip(os.sep) + os.sep
    return clean_name(path.removeprefix(root))


def is_inside(real: str, root: str) -> bool:
    """Whether a resolved path is the resolved root or below it."""
    return real == root or real.startswith(root.rstrip(os.sep) + os.sep)
