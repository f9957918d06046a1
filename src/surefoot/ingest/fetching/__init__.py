"""Fetches pages of the web safely and politely: pinned addresses, limits, robots.txt."""

from surefoot.ingest.fetching.addresses import Denied, NotAnAddress, normal
from surefoot.ingest.fetching.fetcher import (
    Ask,
    Fetched,
    Fetcher,
    Gone,
    Limits,
    Refused,
    Seen,
    WrongType,
)
from surefoot.ingest.fetching.manners import Forbidden, Manners

__all__ = [
    "Ask",
    "Denied",
    "Fetched",
    "Fetcher",
    "Forbidden",
    "Gone",
    "Limits",
    "Manners",
    "NotAnAddress",
    "Refused",
    "Seen",
    "WrongType",
    "normal",
]
