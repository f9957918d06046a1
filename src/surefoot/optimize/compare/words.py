"""The words of a comparison in English and Chinese, from one file."""

from __future__ import annotations

import re
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


def note_text(note: str, lang: Lang) -> str:
    """What a reader must know beside the table, in this language where it is a known sentence."""
    if lang == "zh":
        for pattern, text in _notes():
            if found := pattern.fullmatch(note):
                values = {name: why_text(value, lang) for name, value in found.groupdict().items()}
                return text.format(**values)
    return note


@cache
def _notes() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The known sentences with their gaps, and what they are in Chinese."""
    return tuple(
        (re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(english))), chinese)
        for english, chinese in _listed()["note"].items()
    )


@cache
def _listed() -> Mapping[str, Mapping[str, str]]:
    file = resources.files("surefoot.optimize.compare") / "data" / "words.toml"
    listed: Mapping[str, Mapping[str, str]] = tomllib.loads(file.read_text(encoding="utf-8"))
    return listed
