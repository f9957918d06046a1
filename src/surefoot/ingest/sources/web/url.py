"""The pages of a list of URLs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from surefoot.core.errors import DataError
from surefoot.core.roles import SourceProblem
from surefoot.ingest.fetching import normal
from surefoot.ingest.sources.items import Found, reason_of
from surefoot.ingest.sources.web.settings import WebAddress, WebSettings, private_note
from surefoot.ingest.sources.web.visits import Place, Visits, visited


class UrlSettings(WebSettings):
    """The pages at these URLs, and at those in a file with one a line."""

    kind: Literal["url"] = "url"
    urls: tuple[WebAddress, ...] = ()
    file: str = Field(default="", description="a file with one URL a line; # begins a comment")
    robots: bool = Field(
        default=False, description="whether robots.txt is obeyed; who names a page may read it"
    )
    types: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _names_something(self) -> UrlSettings:
        if not self.urls and not self.file:
            raise ValueError('name urls = ["https://..."] or a file of them')
        return self


class UrlSource:
    """Asks each page of a list whether it changed; four at once, one host politely."""

    Settings = UrlSettings
    whole_ids = True
    """Its ids hold host and path: sources of this kind may share a name."""

    def __init__(
        self,
        settings: UrlSettings,
        base: Path,
        *,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wait = wait
        self._settings = settings
        self._base = base
        self.name = settings.name or "web"

    @property
    def addresses(self) -> Sequence[str]:
        """The URLs that are asked; those of a file as far as it can be read."""
        return [normal(url) for url in self._settings.urls] + [
            url for url in self._listed() if isinstance(url, str)
        ]

    def items(self) -> Iterator[Found]:
        """One item a page, each page once; what cannot be had is a problem."""
        listed = [*map(normal, self._settings.urls), *self._listed()]
        yield from (found for found in listed if isinstance(found, SourceProblem))
        urls = dict.fromkeys(url for url in listed if isinstance(url, str))
        place = Place("url", self.name, "", self._base)
        with Visits(self._settings, place, wait=self._wait) as visits:
            yield from visited(visits, urls)

    def notes(self) -> Sequence[str]:
        """That private networks are open to it, where they are."""
        return private_note(self.name, self._settings)

    def _listed(self) -> Iterator[str | SourceProblem]:
        if not self._settings.file:
            return
        path = self._base / Path(self._settings.file).expanduser()
        try:
            lines = path.read_text("utf-8-sig", errors="replace").splitlines()
        except OSError as problem:
            hint = f"check the path {self._settings.file}"
            yield SourceProblem(
                self.name, self._settings.file, self.name, reason_of(problem), hint, keep=True
            )
            return
        for number, line in enumerate(lines, 1):
            text = line.partition(" #")[0].strip()
            if text and not text.startswith("#"):
                try:
                    yield normal(text)
                except DataError as problem:
                    place = f"{self._settings.file}:{number}"
                    yield SourceProblem(
                        f"{self.name}:{number}", place, self.name, problem.message, problem.hint
                    )
