"""Numbers of search and reranking that were learnt, as data: data/learnt.toml says how each table was made."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources


@lru_cache(maxsize=1)
def learnt() -> Mapping[str, Mapping[str, float]]:
    """The tables of the data file by name."""
    file = resources.files("surefoot.retrieve") / "data" / "learnt.toml"
    tables: Mapping[str, Mapping[str, float]] = tomllib.loads(file.read_text(encoding="utf-8"))
    return tables
