"""What the page says, in English and Chinese: one file a screen, both languages side by side.

An entry that counts says in `en_one` what it says of one; Chinese needs no other words for it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal

Lang = Literal["en", "zh"]
LANGS: Final[tuple[Lang, ...]] = ("en", "zh")
Catalogue = Mapping[str, Mapping[str, str]]


@cache
def catalogue() -> Catalogue:
    """All entries by `screen.name`, each with both languages."""
    found: dict[str, Mapping[str, str]] = {}
    folder = files("surefoot.serve.web").joinpath("words")
    for file in folder.iterdir():
        if file.name.endswith(".toml"):
            screen = file.name.removesuffix(".toml")
            entries = tomllib.loads(file.read_text(encoding="utf-8"))
            found |= {f"{screen}.{name}": entry for name, entry in entries.items()}
    return found


def say(lang: Lang, key: str, **values: object) -> str:
    """The entry in that language, its `{names}` replaced; where `n` is 1, what it says of one.

    Raises:
        KeyError: there is no such entry, or it wants a value that was not given.
    """
    entry = catalogue()[key]
    text = entry[lang]
    if str(values.get("n")) == "1":
        text = entry.get(f"{lang}_one", text)
    return text.format(**values) if values else text


def known(lang: Lang, room: str, name: str) -> str:
    """The entry `room.name`, or the name itself where the catalogue does not know it: kinds of others' parts."""
    entry = catalogue().get(f"{room}.{name}")
    return entry[lang] if entry else name


def preferred(accept: str) -> Lang:
    """The better of both for a header `Accept-Language`; English where it asks for neither."""
    best: tuple[float, Lang] = (0.0, "en")
    for part in accept.lower().split(","):
        name, _, rest = part.strip().partition(";")
        lang = next((one for one in LANGS if name.split("-")[0] == one), None)
        weight = _weight(rest)
        if lang is not None and weight > best[0]:
            best = (weight, lang)
    return best[1]


def _weight(rest: str) -> float:
    _, _, number = rest.partition("q=")
    try:
        return float(number) if number else 1.0
    except ValueError:
        return 0.0
