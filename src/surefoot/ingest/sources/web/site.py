"""The pages of a site, found by following its links."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, NonNegativeInt, PositiveInt

from surefoot.core.errors import DataError, TransientError
from surefoot.core.roles import SourceProblem
from surefoot.ingest.fetching import Denied, Forbidden, Gone, Refused, WrongType, normal
from surefoot.ingest.sources.items import Found
from surefoot.ingest.sources.matching import Matcher
from surefoot.ingest.sources.names import clean_name
from surefoot.ingest.sources.web.kept import Page
from surefoot.ingest.sources.web.settings import WebAddress, WebSettings, private_note
from surefoot.ingest.sources.web.visits import Place, Visits

_NO_PAGES = (
    "*.png", "*.jpg", "*.jpeg", "*.gif", "*.svg", "*.webp", "*.ico", "*.css", "*.js", "*.mp3", "*.mp4", "*.webm",
    "*.zip", "*.gz", "*.tgz", "*.bz2", "*.xz", "*.7z", "*.exe", "*.dmg", "*.iso", "*.whl", "*.woff", "*.woff2",
)  # fmt: skip


class SiteSettings(WebSettings):
    """The pages that are reached from start pages by links, on their hosts and below their paths."""

    kind: Literal["site"] = "site"
    start: tuple[WebAddress, ...] = Field(min_length=1)
    prefixes: tuple[WebAddress, ...] = Field(
        default=(),
        description="what the URLs of pages begin with; empty = the start pages' folders",
    )
    include: tuple[str, ...] = Field(
        default=(), description='paths that are read, such as "docs/**"; empty = all'
    )
    exclude: tuple[str, ...] = _NO_PAGES
    max_depth: NonNegativeInt = Field(default=5, description="links from a start page to a page")
    max_pages: PositiveInt = 500
    canonical: bool = Field(
        default=True,
        description="whether a page that names another as its canonical one is left out",
    )


class SiteSource:
    """Follows links in breadth, one page at a time; a page that is out of reach lends the links it had."""

    Settings = SiteSettings

    def __init__(
        self,
        settings: SiteSettings,
        base: Path,
        *,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wait = wait
        self._settings = settings
        self._base = base
        self._start = [normal(url) for url in settings.start]
        self._host = urlsplit(self._start[0]).netloc
        self._notes: Counter[str] = Counter()
        self.name = settings.name or clean_name(self._host.replace(":", "-"))

    @property
    def addresses(self) -> Sequence[str]:
        """The start pages."""
        return self._start

    def items(self) -> Iterator[Found]:
        """One item a page; a start page that cannot be had is a problem, a dead link to another is none."""
        self._notes.clear()
        place = Place("site", self.name, self._host, self._base)
        with Visits(self._settings, place, wait=self._wait) as visits:
            yield from _Crawl(self._settings, self._start, visits, self._notes).found()

    def notes(self) -> Sequence[str]:
        """What was left out and why, and that private networks are open, where they are."""
        left_out = (f"{self.name}: {n} pages left out ({why})" for why, n in self._notes.items())
        return (*private_note(self.name, self._settings), *left_out)


class _Crawl:
    """One walk over a site."""

    def __init__(
        self, settings: SiteSettings, start: Sequence[str], visits: Visits, left_out: Counter[str]
    ) -> None:
        self._settings = settings
        self._visits = visits
        self._left_out = left_out
        self._todo = deque((url, 0) for url in dict.fromkeys(start))
        self._known = set(start)
        self._is_first = visits.kept.is_empty()
        self._offered: set[str] = set()
        self._copies: dict[str, Page] = {}
        self._asked: set[str] = set()
        prefixes = [normal(url) for url in settings.prefixes] or [_folder(url) for url in start]
        self._prefixes = tuple(prefixes)
        self._include = Matcher(settings.include)
        self._exclude = Matcher(settings.exclude)

    def found(self) -> Iterator[Found]:
        """Items and problems as they come."""
        while self._todo and len(self._asked) < self._settings.max_pages:
            url, depth = self._todo.popleft()
            if self._visits.fetcher.is_down(url):
                yield self._whole_site(url, "does not answer any more; the listing stopped there")
                return
            self._asked.add(url)
            yield from self._page(url, depth)
        yield from self._without_original()
        if self._todo:
            self._left_out[f"more than max_pages = {self._settings.max_pages}"] = len(self._todo)
        self._visits.kept.keep_only(self._asked)

    def _page(self, url: str, depth: int) -> Iterator[Found]:
        try:
            page = self._visits.visit(url)
        except (DataError, TransientError) as problem:
            yield from self._without(url, depth, problem)
            return
        if page.final != url and not self._is_wanted(page.final):
            if depth == 0:
                yield self._visits.problem(url, _elsewhere(page))
            else:
                self._left_out["they lead out of the site"] += 1
            return
        self._follow(page, depth)
        if page.final in self._offered:
            return
        if page.hidden:
            self._left_out["they ask not to be indexed"] += 1
        elif self._is_copy(page):
            if page.canonical not in self._known:
                self._known.add(page.canonical)
                self._todo.appendleft((page.canonical, depth))
            first = self._copies.setdefault(page.canonical, page)
            self._left_out["they name another page as the original"] += first is not page
        else:
            yield self._offer(page)

    def _without(
        self, url: str, depth: int, problem: DataError | TransientError
    ) -> Iterator[SourceProblem]:
        """What follows from a page that cannot be had."""
        old = self._visits.kept.page(url)
        if isinstance(problem, TransientError | Refused):
            if old is not None:
                self._follow(old, depth)
                self._offered.add(old.final)
            if old is None and (depth == 0 or self._is_first):
                # What lies behind it is not known either.
                yield self._whole_site(url, problem.message)
            else:
                yield self._visits.problem(url, problem)
            return
        if depth == 0 or isinstance(problem, Denied):
            yield self._visits.problem(url, problem)
        elif isinstance(problem, Forbidden):
            self._left_out["robots.txt of the site asks for that"] += 1
        elif isinstance(problem, WrongType):
            self._left_out[problem.message.replace("is of", "of")] += 1
        elif not isinstance(problem, Gone):
            yield self._visits.problem(url, problem)
        self._visits.kept.drop(url)

    def _offer(self, page: Page) -> Found:
        self._offered.add(page.final)
        return self._visits.item(page)

    def _is_copy(self, page: Page) -> bool:
        named = page.canonical
        return bool(
            self._settings.canonical
            and named
            and named not in (page.final, page.url)
            and self._is_wanted(named)
        )

    def _without_original(self) -> Iterator[Found]:
        """Pages whose canonical page was not offered stand for themselves."""
        for named, page in self._copies.items():
            if page.final in self._offered:
                continue
            if named in self._offered:
                self._left_out["they name another page as the original"] += 1
            else:
                yield self._offer(page)

    def _follow(self, page: Page, depth: int) -> None:
        self._known.add(page.final)
        if depth >= self._settings.max_depth:
            return
        for url in page.links:
            if url not in self._known and self._is_wanted(url):
                self._known.add(url)
                self._todo.append((url, depth + 1))

    def _is_wanted(self, url: str) -> bool:
        if not url.startswith(self._prefixes):
            return False
        path = urlsplit(url).path.lstrip("/")
        return not self._exclude(path) and (not self._settings.include or self._include(path))

    def _whole_site(self, url: str, reason: str) -> SourceProblem:
        name = self._visits.source
        return SourceProblem(
            name,
            url,
            name,
            reason,
            "sync again later: what was read stays",
            keep=True,
        )


def _elsewhere(page: Page) -> DataError:
    return DataError(
        f"leads out of the site, to {page.final}", hint=f'set start = ["{page.final}"], or prefixes'
    )


def _folder(url: str) -> str:
    """What pages beside a page begin with."""
    return url.partition("?")[0].rpartition("/")[0] + "/"
