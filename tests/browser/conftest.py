"""A real browser on a real server over the example handbook; every page is held to the same rules."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import surefoot

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "serve"))

from serving import Running, running

_COLOURS = 96
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
PICTURES = Path(__file__).parents[2] / "docs" / "images"
SOLUTION = """schema = 1
name = "handbook"
[corpus]
sources = [{ kind = "folder", path = "docs" }]
[[stages]]
kind = "search"
[[stages]]
kind = "quote"
"""

Open = Callable[..., "Page"]


@pytest.fixture(scope="session")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The example documents, ingested and served without keys; tests leave its documents as they are."""
    root = tmp_path_factory.mktemp("browser") / "handbook"
    make_handbook(root)
    with running(root) as served:
        yield served


def make_handbook(root: Path) -> None:
    """A workspace of the example documents with the default encoder and a second solution, `short`."""
    with resources.as_file(resources.files("surefoot.cli") / "data" / "handbook") as folder:
        shutil.copytree(folder, root / "docs")
    (root / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    (root / "solutions").mkdir()
    short = SOLUTION.replace('"handbook"', '"short"') + "sentences = 1\n"
    (root / "solutions" / "short.toml").write_text(short, encoding="utf-8")
    with surefoot.open(root) as space:
        assert not space.sync().problems


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens an address: `open_page(url, lang="zh", theme="dark", width=375, status=200)`.

    When the test ends, every page that was opened has asked no other host and complained of nothing.
    """
    opened: list[tuple[Page, str, list[str], list[str]]] = []

    def open_it(
        url: str, *, lang: str = "en", theme: str = "light", width: int = 1280, quiet: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 860}, locale=LOCALES[lang], color_scheme=theme
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        asked: list[str] = []
        errors: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        page.on("console", lambda one: errors.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda one: errors.append(str(one)))
        page.goto(url)
        opened.append((page, url, asked, errors if quiet else []))
        return page

    yield open_it
    for page, url, asked, errors in opened:
        page.context.close()
        host = "/".join(url.split("/")[:3])
        assert [one for one in asked if not one.startswith((host, "data:", "blob:"))] == []
        assert errors == []


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
