"""The words of a comparison in English and Chinese, from one file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

Lang = Literal["en", "zh"]


def say(key: str, lang: Lang, **values: object) -> str:
    """The text of a key in this language, with its values filled in."""
    text = _listed()[key][lang]
    return text.format(**values) if values else text


def why_text(why: str, lang: Lang) -> str:
    """Why a method was not measured, in this language where the reason is a known one."""
    return _listed()["why"].get(why, why) if lang == "zh" else why


@cache
def _listed() -> Mapping[str, Mapping[str, str]]:
    file = resources.files("surefoot.optimize.compare") / "data" / "words.toml"
    listed: Mapping[str, Mapping[str, str]] = tomllib.loads(file.read_text(encoding="utf-8"))
    return listed
