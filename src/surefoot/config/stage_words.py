"""What each kind of stage does, in a sentence in English and Chinese, for people who look at a solution."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

StageLang = Literal["en", "zh"]


@cache
def stage_words() -> Mapping[str, Mapping[StageLang, str]]:
    """By kind of stage; a part of another package has none."""
    file = resources.files("surefoot.config") / "data" / "stages.toml"
    found: Mapping[str, Mapping[StageLang, str]] = tomllib.loads(file.read_text(encoding="utf-8"))
    return found
