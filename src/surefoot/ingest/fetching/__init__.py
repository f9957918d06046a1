"""Fetches pages of the web safely and politely: pinned addresses, limits, robots.txt."""

from surefoot.ingest.fetching.addresses import Denied, NotAnAddress, normal
from surefoot.ingest.fetching.fetcher import Fetched, Fetcher, Gone, Limits, Refused, Seen
from surefoot.ingest.fetching.manners import Forbidden, Manners

__all__ = [
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
    "normal",
]
