"""What a model behind an address costs: as the user says, else as the price table has it, else nobody knows."""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens; `as_of` and `source` tell where a price of the table was read, and when."""

    prompt: float = 0.0
    completion: float = 0.0
    as_of: date | None = None
    source: str = ""

    @property
    def is_charged(self) -> bool:
        """Whether anything is to be paid."""
        return self.prompt > 0 or self.completion > 0

    def dollars(self, prompt: int, completion: int = 0) -> float:
        """What so many tokens cost."""
        return (prompt * self.prompt + completion * self.completion) / 1e6


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the price table: a model behind a host."""

    host: str
    model: str
    price: Price


@cache
def price_table() -> Sequence[Listed]:
    """All rows, in the order of the file."""
    text = files("surefoot.config").joinpath("data", "prices.toml").read_text(encoding="utf-8")
    return tuple(
        Listed(
            row["host"],
            row["model"],
            Price(row["prompt"], row.get("completion", 0.0), row["as_of"], row["source"]),
        )
        for row in tomllib.loads(text)["prices"]
    )


def price_of(
    base_url: str, model: str, *, prompt: float | None = None, completion: float | None = None
) -> Price | None:
    """The price of a model behind an address; None where nobody has told it.

    `prompt` and `completion` are what the user says, per million tokens: one that is given goes before the table, the
    other is then 0. What runs on this machine costs nothing.
    """
    if prompt is not None or completion is not None:
        return Price(prompt or 0.0, completion or 0.0)
    host = urlsplit(base_url).hostname or ""
    if _is_here(host):
        return Price()
    found = (one.price for one in price_table() if (one.host, one.model) == (host, model))
    return next(found, None)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
