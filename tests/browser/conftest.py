"""A real browser on a real server over the example handbook; every page is held to the same rules."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "serve"))
sys.path.insert(0, str(Path(__file__).parent))

from furnished import make_handbook
from serving import Running, running
from watching import Watched, watched

_COLOURS = 96
PICTURES = Path(__file__).parents[2] / "docs" / "images"
Open = Callable[..., "Page"]


@pytest.fixture(scope="session")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The example documents, ingested and served without keys; tests leave its documents as they are."""
    root = tmp_path_factory.mktemp("browser") / "handbook"
    make_handbook(root)
    with running(root) as served:
        yield served


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens an address: `open_page(url, lang="zh", theme="dark", width=375, status=200)`.

    When the test ends, every page that was opened has asked no other host and complained of nothing.
    """
    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)  # as long as everything else waits for the page
    opened: list[tuple[Watched, str, bool]] = []

    def open_it(
        url: str, *, lang: str = "en", theme: str = "light", width: int = 1280, quiet: bool = True
    ) -> Page:
        one = watched(browser, lang=lang, theme=theme, width=width)
        one.page.goto(url)
        opened.append((one, url, quiet))
        return one.page

    yield open_it
    for one, url, quiet in opened:
        one.page.context.close()
        if not quiet:
            one.errors.clear()
        one.check(url)


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Holds a page to axe's rules, and to fitting its window."""

    def check(page: Page) -> None:
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{wide} pixels wider than the window"

    return check


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Keeps a picture of a screen for the docs where UPDATE_PICTURES=1 asks for it."""

    def keep(page: Page, name: str) -> None:
        if os.environ.get("UPDATE_PICTURES") != "1":
            return
        from PIL import Image

        PICTURES.mkdir(parents=True, exist_ok=True)
        shot = Image.open(BytesIO(page.screenshot(caret="initial"))).convert("RGB")
        few = shot.quantize(
            _COLOURS, dither=Image.Dither.NONE
        )  # a third of the bytes, and looks the same
        few.save(PICTURES / f"{name}.png", optimize=True)

    return keep
