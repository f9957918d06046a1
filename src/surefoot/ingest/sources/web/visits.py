"""Visits pages for a source: asks only whether they changed where they were seen before, and makes items of them."""

from __future__ import annotations

import time
from codecs import BOM_UTF8, lookup
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from surefoot.core.digest import sha256_bytes
from surefoot.core.errors import DataError, TransientError
from surefoot.core.parallel import pmap
from surefoot.core.roles import SourceItem, SourceProblem
from surefoot.core.types import MetaValue
from surefoot.ingest.fetching import Ask, Fetched, Fetcher, Gone, Limits, Manners, Refused, Seen
from surefoot.ingest.sources.web.head import HTML, Head, charset_of, read_head
from surefoot.ingest.sources.web.kept import Kept, Page
from surefoot.ingest.sources.web.naming import file_name, page_id
from surefoot.ingest.sources.web.settings import WebSettings

_AT_ONCE = 4
_BOMS = (BOM_UTF8, b"\xff\xfe", b"\xfe\xff")


def today() -> str:
    """The date as YYYY-MM-DD, in UTC."""
    return datetime.now(UTC).date().isoformat()


@dataclass(frozen=True, slots=True)
class Place:
    """Whose pages are visited: the source's kind and name, the host its ids leave out, the workspace."""

    kind: str
    name: str
    home: str
    base: Path


class Visits:
    """Fetches for one listing of a source; what it listed can be loaded as long as it is there."""

    def __init__(
        self,
        settings: WebSettings,
        place: Place,
        *,
        date: Callable[[], str] = today,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        agent = settings.agent or f"surefoot/{version('surefoot')}"
        limits = Limits(
            max_bytes=int(settings.max_mb * 1_000_000),
            timeout_s=settings.timeout_s,
            redirects=settings.max_redirects,
        )
        self.fetcher = Fetcher(agent, limits, private=settings.allow_private, wait=wait)
        self.manners = Manners(
            self.fetcher, agent, delay_s=settings.delay_s, robots=settings.robots, wait=wait
        )
        self.kept = Kept(place.base, place.kind, place.name)
        self.source = place.name
        self._settings = settings
        self._place = place
        self._date = date

    def __enter__(self) -> Visits:
        return self

    def __exit__(self, *_: object) -> None:
        self.kept.close()

    def visit(self, url: str, lastmod: str = "") -> Page:
        """The page as it is now; one whose `lastmod` is as before is not asked for.

        Raises:
            Gone, Forbidden, Refused, WrongType, Denied, DataError: there is nothing to read, and why.
            TransientError: it is out of reach for now.
        """
        old = self.kept.page(url)
        if old is not None and lastmod and lastmod == old.lastmod:
            return old
        seen = Seen(old.etag, old.modified) if old is not None else Seen()
        found = self.fetcher.fetch(url, self._ask(seen))
        if not found.fresh:
            if old is None:
                raise DataError("is said not to have changed, but was not asked that", where=url)
            page = replace(old, lastmod=lastmod)
            if page != old:
                self.kept.put(page, None)
            return page
        page = self._page(url, lastmod, found)
        same = old is not None and old.digest == page.digest
        if old is not None and same:
            page = replace(page, fetched=old.fetched)
        self.kept.put(page, None if same else found.body)
        return page

    def item(self, page: Page) -> SourceItem:
        """The item of a page; its fingerprint is its content's, and what the source says of its documents."""
        facts: dict[str, MetaValue] = {"url": page.final, "fetched": page.fetched}
        if changed := _iso(page.modified):
            facts["modified"] = changed
        return SourceItem(
            id=self.id_of(page.final if self._place.kind == "site" else page.url),
            uri=page.final,
            source=self._place.name,
            fingerprint=f"{page.digest[:32]}{self._settings.marks}",
            meta=self._settings.meta,
            acl=self._settings.acl,
            distinct=not self._settings.duplicates,
            load=partial(self._load, page),
            facts=facts,
        )

    def problem(self, url: str, problem: Exception) -> SourceProblem:
        """What is wrong with a page; what was read of it stays where it may only be out of reach."""
        old = self.kept.page(url) if self._place.kind == "site" else None
        return SourceProblem(
            id=self.id_of(old.final if old is not None else url),
            uri=url,
            source=self._place.name,
            reason=getattr(problem, "message", str(problem)),
            hint=getattr(problem, "hint", ""),
            keep=isinstance(problem, TransientError | Refused),
        )

    def id_of(self, url: str) -> str:
        """The id of a page's document."""
        return page_id(self._place.name, url, self._place.home)

    def _ask(self, seen: Seen) -> Ask:
        return Ask(seen, self.manners, self._settings.types)

    def _page(self, url: str, lastmod: str, found: Fetched) -> Page:
        charset = charset_of(found.headers)
        head = Head()
        if found.type in HTML or (not found.type and b"<html" in found.body[:2048].lower()):
            head = read_head(found.url, found.body, charset, found.headers)
        return Page(
            url=url,
            final=found.url,
            digest=sha256_bytes(found.body),
            type=found.type,
            charset=charset,
            name=file_name(found.url, found.type),
            etag=found.headers.get("etag", ""),
            modified=found.headers.get("last-modified", ""),
            lastmod=lastmod,
            fetched=self._date(),
            canonical=head.canonical,
            hidden=head.hidden,
            links=head.links,
        )

    def _load(self, page: Page, folder: Path) -> Path:
        """Puts the content of a page into a folder; asks for it only where it is not kept any more."""
        content = self.kept.take(page)
        if content is None:
            try:
                content = self.fetcher.fetch(page.url, self._ask(Seen())).body
            except Refused as problem:
                raise TransientError(problem.message, where=page.url, hint=problem.hint) from None
        path = folder / page.name
        path.write_bytes(_marked(content, page))
        return path


def visited(
    visits: Visits, pages: Mapping[str, str | None]
) -> Iterator[SourceItem | SourceProblem]:
    """One item or problem a page, in their order; `pages` are URLs with what a sitemap says of their last change."""

    def visit(page: tuple[str, str | None]) -> tuple[str, Page | DataError | TransientError]:
        url, lastmod = page
        try:
            return url, visits.visit(url, lastmod or "")
        except Gone as problem:
            visits.kept.drop(url)
            return url, problem
        except (DataError, TransientError) as problem:
            return url, problem

    for url, found in pmap(visit, pages.items(), workers=_AT_ONCE):
        yield visits.item(found) if isinstance(found, Page) else visits.problem(url, found)


def _marked(content: bytes, page: Page) -> bytes:
    """Text in the encoding that the server named as UTF-8 with its mark: the file has no other place to say so."""
    texts = page.type.startswith("text/") or page.type in HTML
    if not texts or not page.charset or content.startswith(_BOMS):
        return content
    try:
        # Pages that call themselves GB2312 use signs of the larger sets that contain it.
        name = lookup(page.charset).name
        name = "gb18030" if name in ("gb2312", "gbk") else name
        return BOM_UTF8 + content.decode(name).encode("utf-8")
    except (LookupError, UnicodeError):
        return content


def _iso(said: str) -> str:
    """The date of a Last-Modified header as YYYY-MM-DD; empty where it is none."""
    try:
        return parsedate_to_datetime(said).date().isoformat() if said else ""
    except ValueError:
        return ""
