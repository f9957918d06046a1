"""The words of the advice in English and Chinese, from one file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from surefoot.optimize.advise.interview import AdviceLang


def word(lang: AdviceLang, place: str, **fill: object) -> str:
    """The text at a dotted place, such as `title.rag`, its blanks filled in."""
    found: Any = _listed()
    for key in place.split("."):
        found = found[key]
    text: str = found[lang]
    return text.format(**fill) if fill else text


def has_word(place: str) -> bool:
    """Whether there is a text at this place."""
    found: Any = _listed()
    for key in place.split("."):
        if key not in found:
            return False
        found = found[key]
    return True


@cache
def _listed() -> Mapping[str, Any]:
    file = resources.files("surefoot.optimize.advise") / "data" / "words.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
