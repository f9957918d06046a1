"""What all sources on the web have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, NonNegativeFloat, NonNegativeInt, PositiveFloat

from surefoot.config.base import Incidental
from surefoot.core.errors import DataError
from surefoot.ingest.fetching import normal
from surefoot.ingest.sources.settings import SourceSettings

READ_TYPES = (
    "text/html", "application/xhtml+xml", "text/plain", "text/markdown", "application/pdf",
    "application/msword", "application/vnd.openxmlformats-officedocument.*",
    "application/vnd.oasis.opendocument.*", "application/rtf", "application/epub+zip",
)  # fmt: skip


def _is_address(url: str) -> str:
    try:
        normal(url)
    except DataError as problem:
        raise ValueError(f"{problem.where} {problem.message}") from None
    return url


WebAddress = Annotated[str, AfterValidator(_is_address)]


class WebSettings(SourceSettings):
    """How pages are fetched: politely, within limits, and from public machines alone."""

    allow_private: bool = Field(
        default=False,
        description="whether this machine and private networks may be asked, for a server of your own",
    )
    robots: bool = Field(default=True, description="whether robots.txt is obeyed")
    delay_s: Annotated[NonNegativeFloat, Incidental()] = Field(
        default=1.0,
        description="seconds between two requests to a host; robots.txt may ask for more",
    )
    timeout_s: Annotated[PositiveFloat, Incidental()] = Field(
        default=30.0, description="seconds that one page may take in all"
    )
    max_mb: PositiveFloat = Field(default=20.0, description="largest page, unpacked")
    max_redirects: NonNegativeInt = 5
    types: tuple[str, ...] = Field(
        default=READ_TYPES, description='media types that are read, such as "text/*"; empty = all'
    )
    agent: Annotated[str, Incidental()] = Field(
        default="", description="the name that servers are told; empty = surefoot and its version"
    )


def private_note(name: str, settings: WebSettings) -> Sequence[str]:
    """Says that the guard against private addresses is off, where it is."""
    if not settings.allow_private:
        return ()
    return (f"{name} may read from private networks and this machine (allow_private = true)",)
