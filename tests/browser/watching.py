"""A page that is watched: whom it asks, and what it complains of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LOCALES = {"en": "en-GB", "zh": "zh-CN"}


@dataclass
class Watched:
    """A page, whom it asked and what it complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def forget(self) -> None:
        """What was so far is as if it had not been."""
        self.asked.clear()
        self.errors.clear()

    def check(self, url: str) -> None:
        """It asked no other host than that of `url` and complained of nothing."""
        host = "/".join(url.split("/")[:3])
        assert [one for one in self.asked if not one.startswith((host, "data:", "blob:"))] == []
        assert self.errors == []


def watched(
    browser: Browser, *, lang: str = "en", theme: str = "light", width: int = 1280
) -> Watched:
    """A new page in a context of its own, watched from its beginning."""
    context = browser.new_context(
        viewport={"width": width, "height": 860}, locale=LOCALES[lang], color_scheme=theme
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    one = Watched(context.new_page())
    one.page.on("request", lambda request: one.asked.append(request.url))
    one.page.on(
        "console", lambda said: one.errors.append(said.text) if said.type == "error" else None
    )
    one.page.on("pageerror", lambda problem: one.errors.append(str(problem)))
    return one
