"""Asks no host for what its robots.txt forbids, nor more often than it likes."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from surefoot.core.errors import DataError, TransientError
from surefoot.ingest.fetching.addresses import origin
from surefoot.ingest.fetching.fetcher import Fetcher, Refused

if TYPE_CHECKING:
    from protego import Protego

_LONGEST_DELAY_S = 60.0
_MOST_RULES = 500_000


class Forbidden(DataError):
    """The site's robots.txt asks that a page be left alone."""


class Manners:
    """Called with each URL before it is asked: waits until the host may be asked again.

    Raises `Forbidden` for what robots.txt forbids, and `Refused` while that cannot be read (RFC 9309).
    """

    def __init__(
        self,
        fetcher: Fetcher,
        agent: str,
        *,
        delay_s: float,
        robots: bool,
        wait: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetcher = fetcher
        self._agent = agent
        self._delay_s = delay_s
        self._robots = robots
        self._wait = wait
        self._clock = clock
        self._rules: dict[str, Protego | Refused] = {}
        self._next: dict[str, float] = {}
        self._locks: dict[str, Lock] = {}
        self._lock = Lock()

    def __call__(self, url: str) -> None:
        place = origin(url)
        with self._lock:
            lock = self._locks.setdefault(place, Lock())
        with lock:
            delay = self._delay_s
            if self._robots:
                rules = self._rules_of(place)
                if not rules.can_fetch(url, self._agent):
                    raise Forbidden(
                        "is left alone: robots.txt of the site asks for that", where=url
                    )
                asked = rules.crawl_delay(self._agent) or 0.0
                delay = max(delay, min(asked, _LONGEST_DELAY_S))
            self._pause(place, delay)

    def sitemaps(self, url: str) -> list[str]:
        """The sitemaps that the robots.txt of a URL's site names.

        Raises:
            Refused: it cannot be read for now.
        """
        return list(self._rules_of(origin(url)).sitemaps)

    def _pause(self, place: str, delay: float) -> None:
        left = self._next.get(place, 0.0) - self._clock()
        if left > 0:
            self._wait(left)
        self._next[place] = self._clock() + delay

    def _rules_of(self, place: str) -> Protego:
        if place not in self._rules:
            self._rules[place] = self._read(place)
        rules = self._rules[place]
        if isinstance(rules, Refused):
            raise rules
        return rules

    def _read(self, place: str) -> Protego | Refused:
        from protego import Protego

        try:
            text = self._fetcher.fetch(f"{place}/robots.txt").body[:_MOST_RULES]
        except TransientError as problem:
            return Refused(
                f"is left alone: robots.txt of the site {problem.message}",
                where=place,
                hint="try again later",
            )
        except DataError:
            # None, or none that is handed out: everything may be read.
            text = b""
        return Protego.parse(text.decode("utf-8", "replace"))
