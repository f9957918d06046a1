"""The pages that a site's sitemap lists."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, PositiveInt

from surefoot.core.errors import DataError, TransientError
from surefoot.core.roles import SourceProblem
from surefoot.ingest.fetching import Ask, normal
from surefoot.ingest.sources.items import Found
from surefoot.ingest.sources.matching import Matcher
from surefoot.ingest.sources.names import clean_name
from surefoot.ingest.sources.web.maps import read_map
from surefoot.ingest.sources.web.settings import WebAddress, WebSettings, private_note
from surefoot.ingest.sources.web.visits import Place, Visits, visited

_MOST_MAPS = 200


class SitemapSettings(WebSettings):
    """The pages of one host that its sitemap lists."""

    kind: Literal["sitemap"] = "sitemap"
    url: WebAddress = Field(
        description="a sitemap or an index of them; a site's start page asks its robots.txt where they are"
    )
    include: tuple[str, ...] = Field(
        default=(), description='paths that are read, such as "docs/**"; empty = all'
    )
    exclude: tuple[str, ...] = ()
    max_pages: PositiveInt = 5000
    lastmod: bool = Field(
        default=True, description="whether a page whose lastmod is as before is not asked for again"
    )


class SitemapSource:
    """Asks the pages of a sitemap whether they changed, except those that it says did not."""

    Settings = SitemapSettings

    def __init__(
        self,
        settings: SitemapSettings,
        base: Path,
        *,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wait = wait
        self._settings = settings
        self._base = base
        self._url = normal(settings.url)
        self._host = urlsplit(self._url).netloc
        self._include = Matcher(settings.include)
        self._exclude = Matcher(settings.exclude)
        self._left_out: Counter[str] = Counter()
        self.name = settings.name or clean_name(self._host.replace(":", "-"))

    @property
    def addresses(self) -> Sequence[str]:
        """The sitemap's URL."""
        return [self._url]

    def items(self) -> Iterator[Found]:
        """One item a page; where the list itself is out of reach, everything that was read stays."""
        self._left_out.clear()
        place = Place("sitemap", self.name, self._host, self._base)
        with Visits(self._settings, place, wait=self._wait) as visits:
            pages: dict[str, str | None] = {}
            whole = True
            for found in self._listed(visits):
                if isinstance(found, SourceProblem):
                    whole = False
                    yield found
                elif len(pages) < self._settings.max_pages:
                    pages.setdefault(found[0], found[1] if self._settings.lastmod else None)
                elif found[0] not in pages:
                    self._left_out["more than max_pages"] += 1
            yield from visited(visits, pages)
            if whole:
                visits.kept.keep_only(pages.keys())

    def notes(self) -> Sequence[str]:
        """What of the sitemap was left out, and that private networks are open, where they are."""
        left_out = (f"{self.name}: {n} pages left out ({why})" for why, n in self._left_out.items())
        return (*private_note(self.name, self._settings), *left_out)

    def _listed(self, visits: Visits) -> Iterator[tuple[str, str] | SourceProblem]:
        """The pages of all maps, with their lastmod."""
        hosts = {self._host}
        try:
            todo = deque(self._roots(visits))
        except (DataError, TransientError) as problem:
            yield self._lost(self._url, problem)
            return
        asked: set[str] = set()
        while todo and len(asked) < _MOST_MAPS:
            url = todo.popleft()
            if url in asked:
                continue
            asked.add(url)
            try:
                found = visits.fetcher.fetch(url, Ask(before=visits.manners))
                read = read_map(found.body, url)
                hosts.add(urlsplit(found.url).netloc)
                todo.extend(normal(inner, found.url) for inner in read.maps)
            except (DataError, TransientError) as problem:
                yield self._lost(url, problem)
                continue
            for page, lastmod in read.pages.items():
                if wanted := self._wanted(page, hosts):
                    yield wanted, lastmod
        if todo:
            self._left_out[f"in {len(todo)} more sitemaps than {_MOST_MAPS}"] += 1

    def _roots(self, visits: Visits) -> Sequence[str]:
        """The sitemap itself; of a start page those that robots.txt names, else /sitemap.xml."""
        if urlsplit(self._url).path != "/":
            return [self._url]
        named = visits.manners.sitemaps(self._url)
        return [normal(url, self._url) for url in named] or [normal("/sitemap.xml", self._url)]

    def _wanted(self, page: str, hosts: set[str]) -> str:
        """The page in its normal form; empty where it is not to be read."""
        try:
            url = normal(page, self._url)
        except DataError:
            self._left_out["no http address"] += 1
            return ""
        parts = urlsplit(url)
        if parts.netloc not in hosts:
            self._left_out["on another host"] += 1
            return ""
        path = parts.path.lstrip("/")
        if self._exclude(path) or (self._settings.include and not self._include(path)):
            return ""
        return url

    def _lost(self, url: str, problem: DataError | TransientError) -> SourceProblem:
        reason = f"the sitemap {problem.message}"
        return SourceProblem(self.name, url, self.name, reason, problem.hint, keep=True)
