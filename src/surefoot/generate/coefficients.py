"""Numbers that were learnt, as data: data/coefficients.toml says how each table was made."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any


@lru_cache(maxsize=1)
def _learnt() -> Mapping[str, Any]:
    file = resources.files("surefoot.generate") / "data" / "coefficients.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def coefficients() -> Mapping[str, Mapping[str, float]]:
    """The tables of the data file by name."""
    return {name: table for name, table in _learnt().items() if isinstance(table, Mapping)}


def fitted_encoder() -> str:
    """The digest of the encoder whose cosines the numbers were learnt from."""
    digest: str = _learnt()["encoder"]
    return digest
