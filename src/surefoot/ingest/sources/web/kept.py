"""What is kept of a page between two syncs: what the server said of it, and its links; content until it is read.

It lies below `.surefoot/web/` and may be deleted: the next sync then asks for every page again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

from surefoot.core.digest import digest_json, sha256_bytes
from surefoot.core.errors import SurefootError

_FOLDER = ".surefoot/web"
_TABLE = """CREATE TABLE IF NOT EXISTS pages (
    url TEXT PRIMARY KEY, page TEXT NOT NULL
)"""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came last: the URL asked for, the one it led to, and what its head says.

    `digest` is the sha256 of the content, `modified` the server's own words, `fetched` a date (YYYY-MM-DD).
    """

    url: str
    final: str
    digest: str
    type: str = ""
    charset: str = ""
    name: str = ""
    etag: str = ""
    modified: str = ""
    lastmod: str = ""
    fetched: str = ""
    canonical: str = ""
    hidden: bool = False
    links: tuple[str, ...] = ()


class Kept:
    """The pages of one source, for several threads; a page that was `put` survives the end of the process."""

    def __init__(self, base: Path, kind: str, name: str) -> None:
        self._folder = base / _FOLDER / digest_json([kind, name])[:16]
        self._lock = Lock()
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._pages = sqlite3.connect(
                self._folder / "pages.sqlite", check_same_thread=False, isolation_level=None
            )
            # A page may be asked for again after a power cut; waiting for the disk after each is dearer.
            self._pages.execute("PRAGMA journal_mode = WAL")
            self._pages.execute("PRAGMA synchronous = NORMAL")
            self._pages.execute(_TABLE)
        except (OSError, sqlite3.Error) as problem:
            raise SurefootError(
                f"what is kept of web pages cannot be opened ({problem})",
                where=str(self._folder),
                hint="check the disk, or delete the folder: all pages are then asked for again",
            ) from None

    def page(self, url: str) -> Page | None:
        """What is known of a page; None where nothing is."""
        with self._lock:
            row = self._pages.execute("SELECT page FROM pages WHERE url = ?", (url,)).fetchone()
        return _page(row[0]) if row else None

    def is_empty(self) -> bool:
        """Whether no page is known."""
        with self._lock:
            return self._pages.execute("SELECT 1 FROM pages LIMIT 1").fetchone() is None

    def put(self, page: Page, content: bytes | None) -> None:
        """Keeps a page, and its content until it is taken; None where the content was read before."""
        if content is not None:
            path = self._path(page.url)
            new = path.with_suffix(".new")
            new.write_bytes(content)
            new.replace(path)
        raw = json.dumps(asdict(page), ensure_ascii=False)
        with self._lock:
            self._pages.execute("INSERT OR REPLACE INTO pages VALUES (?, ?)", (page.url, raw))

    def take(self, page: Page) -> bytes | None:
        """The content of a page, once; None where it is not kept or is another one."""
        path = self._path(page.url)
        try:
            content = path.read_bytes()
            path.unlink()
        except OSError:
            return None
        return content if sha256_bytes(content) == page.digest else None

    def drop(self, url: str) -> None:
        """Forgets a page."""
        with self._lock:
            self._pages.execute("DELETE FROM pages WHERE url = ?", (url,))
        self._path(url).unlink(missing_ok=True)

    def keep_only(self, urls: AbstractSet[str]) -> None:
        """Forgets all other pages."""
        with self._lock:
            known = [str(row[0]) for row in self._pages.execute("SELECT url FROM pages")]
        for url in known:
            if url not in urls:
                self.drop(url)

    def close(self) -> None:
        """Closes the file; content can still be taken."""
        with self._lock:
            self._pages.close()

    def _path(self, url: str) -> Path:
        return self._folder / f"{digest_json(url)[:40]}.part"


def _page(raw: str) -> Page | None:
    """None where another version wrote it."""
    try:
        values = json.loads(raw)
        return Page(**{**values, "links": tuple(values["links"])})
    except (ValueError, TypeError, KeyError):
        return None
