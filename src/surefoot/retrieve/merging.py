"""Tells which hits of different lists are the same passage. Knows texts and addresses only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from surefoot.core.lang import fold
from surefoot.core.types import Hit

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of hits, best first, its name and what it counts; the hits of a `firm` one are never replaced."""

    name: str
    hits: tuple[Hit, ...]
    weight: float = 1.0
    firm: bool = False


@dataclass(slots=True)
class _Group:
    """Hits that are one passage: the one that stands for it, the lists it is in, and all signals."""

    hit: Hit
    firm: bool
    lists: set[str] = field(default_factory=set)
    signals: dict[str, float] = field(default_factory=dict)

    def take(self, hit: Hit, one: Listed, rank: int) -> None:
        """Adds a hit of another list; the longer text stands for the passage."""
        if not self.firm and len(hit.chunk.text) > len(self.hit.chunk.text):
            self.hit = hit
        self.lists.add(one.name)
        placed = {f"{one.name}_rank": float(rank), f"{one.name}_score": float(hit.score)}
        self.signals = {**hit.signals, **self.signals, **placed}


def merged(lists: Iterable[Listed]) -> dict[str, Hit]:
    """By chunk id, each passage once, with the signals `LIST_rank` (from 1) and `LIST_score` of every list it is in.

    Two hits are one where their texts are equal, or where two lists have the same address: a list that has several
    passages of one address keeps them.
    """
    groups: list[_Group] = []
    by_text: dict[str, _Group] = {}
    by_url: dict[str, list[_Group]] = {}
    for one in lists:
        for rank, hit in enumerate(one.hits, 1):
            text, url = fold(hit.chunk.text), same_url(hit.chunk.uri)
            alike = [by_text[text]] if text in by_text else by_url.get(url, [])
            group = next((known for known in alike if one.name not in known.lists), None)
            if group is None:
                group = _Group(hit, one.firm)
                groups.append(group)
                if url:
                    by_url.setdefault(url, []).append(group)
            group.take(hit, one, rank)
            by_text.setdefault(text, group)
    return {group.hit.chunk.id: replace(group.hit, signals=group.signals) for group in groups}


def same_url(url: str) -> str:
    """What two addresses of one page have in common: no scheme, fragment, default port or last slash."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _PORTS or not parts.hostname:
        return url
    named = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.hostname}{named}{parts.path.rstrip('/')}{query}"
