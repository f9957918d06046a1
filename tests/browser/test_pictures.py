"""Every screen in both languages, light, dark and on a phone: accessible, fitting, quiet; with UPDATE_PICTURES=1
its picture is kept for docs/web-screens.md."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from furnished import ASKED, Furnished, furnished, make_handbook
from watching import watched

LOOKS: Final = {"light": ("light", 1280), "dark": ("dark", 1280), "phone": ("light", 375)}
"""Colour scheme and width by the name of a look."""
FOLDER: Final = Path(__file__).parents[2] / "docs" / "images" / "screens"
COLOURS: Final = 16
STRONG: Final = 5
LIVELY: Final = 40
LEAVE: Final = {"en": "docs/en/leave.md", "zh": "docs/zh/员工休假.md"}
CITED: Final = {"en": "24 days of annual leave", "zh": "12天带薪年假"}
PDF: Final = {"en": "docs/en/security.pdf", "zh": "docs/zh/实验室安全.pdf"}
ON_PAGE: Final = {"en": "within one hour", "zh": "三号柜"}
QUESTION: Final = {"en": ASKED[7], "zh": ASKED[8]}


@dataclass(frozen=True)
class Shown:
    """A page with a screen on it, and who looks at it."""

    page: Any
    house: Furnished
    lang: str
    look: str


def _answered(shown: Shown) -> None:
    shown.page.fill("#question", QUESTION[shown.lang])
    shown.page.keyboard.press("Enter")
    shown.page.wait_for_selector("article[data-done]")


def _answered_with_source(shown: Shown) -> None:
    _answered(shown)
    shown.page.locator(".text .chip").first.click()
    shown.page.wait_for_selector("#source mark[data-seen]")


def _side_by_side(shown: Shown) -> None:
    shown.page.click("#ask summary")
    shown.page.select_option("[name=beside]", "short")
    shown.page.click("#ask summary")
    _answered(shown)
    shown.page.locator("article[data-done]").nth(1).wait_for()


def _changes_open(shown: Shown) -> None:
    shown.page.locator("#changes summary").first.click()


def _tried(shown: Shown) -> None:
    shown.page.fill("[name=question]", QUESTION[shown.lang])
    shown.page.keyboard.press("Enter")
    shown.page.locator("#tried td.num").first.wait_for()


def _drawn(shown: Shown) -> None:
    drawn = "document.querySelector('.page img')?.naturalWidth > 100"
    for _ in range(200):
        if shown.page.evaluate(drawn):
            return
        shown.page.wait_for_timeout(50)
    raise AssertionError("the page of the PDF is not drawn")


def _replayed(shown: Shown) -> None:
    options = shown.page.locator("[name=path] option").evaluate_all(
        "all => all.map(one => one.value)"
    )
    path = next(one for one in options if one.endswith((".limit", ".keep")))
    shown.page.select_option("[name=path]", path)
    shown.page.fill("[name=value]", "1")
    shown.page.click("main form.toolbar button.main")
    shown.page.wait_for_selector("#replayed .notice")
    shown.page.locator("main form.toolbar").evaluate("one => one.scrollIntoView()")


def _interviewed(shown: Shown) -> None:
    page = shown.page
    page.check("[name=knowledge][value=yes]")
    page.check("[name=behaviour][value=yes]")
    with page.expect_response("**/ui/advise"):
        page.fill("[name=labelled]", "2000")
    page.wait_for_load_state("networkidle")
    page.locator("h1").evaluate("() => scrollTo(0, 0)")


def _forecast(shown: Shown) -> None:
    form = shown.page.locator("#optimize")
    if form.get_attribute("open") is None:
        form.locator("summary").click()


def _nothing(shown: Shown) -> None:
    """The screen shows itself."""


@dataclass(frozen=True)
class Screen:
    """A screen of the table: its address, with {names} of `places`, and what is done before it is looked at."""

    path: str
    prepare: Callable[[Shown], None] = _nothing
    signed_in: bool = True
    kept: bool = True


SCREENS: Final = {
    "enter": Screen("/ui/enter", signed_in=False),
    "audit": Screen("/ui/audit"),
    "home": Screen("/ui/home"),
    "traces": Screen("/ui/traces"),
    "documents": Screen("/ui/documents", _changes_open),
    "chunks": Screen("/ui/documents/one/{leave}", _tried),
    "document": Screen("/documents/{leave}?{leave_cited}"),
    "page": Screen("/documents/{pdf}?{pdf_cited}", _drawn),
    "ask": Screen("/ui/ask", _answered),
    "source": Screen("/ui/ask", _answered_with_source),
    "beside": Screen("/ui/ask", _side_by_side),
    "trace": Screen("/ui/traces/{trace}"),
    "replay": Screen("/ui/traces/{trace}", _replayed),
    "evaluate": Screen("/ui/evaluate"),
    "questions": Screen("/ui/evaluate/sets/handbook"),
    "review": Screen("/ui/evaluate/sets/handbook/review"),
    "run": Screen("/ui/evaluate/runs/{run}"),
    "compared": Screen("/ui/evaluate/compare?ids={runs}"),
    "tune": Screen("/ui/tune", _forecast),
    "search": Screen("/ui/jobs/{job_optimize}"),
    "failed": Screen("/ui/jobs/{job_failed}", kept=False),
    "jobs": Screen("/ui/jobs"),
    "adapters": Screen("/ui/adapters"),
    "advise": Screen("/ui/advise", _interviewed),
    "settings": Screen("/ui/settings"),
    "keys": Screen("/ui/keys"),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """The handbook after a busy week."""
    root = tmp_path_factory.mktemp("pictures") / "handbook"
    make_handbook(root)
    with furnished(root) as found:
        yield found


def sign_in(page: Any, house: Furnished) -> None:
    """As people do."""
    page.goto(f"{house.url}/ui/enter")
    page.fill("#key", house.token)
    page.click("button.main")
    page.wait_for_selector("nav")


@pytest.fixture(scope="module")
def places(house: Furnished) -> dict[str, dict[str, str]]:
    """What stands in addresses, by language."""
    found = {}
    for lang in ("en", "zh"):
        found[lang] = {
            "leave": quote(LEAVE[lang]),
            "leave_cited": house.cited(LEAVE[lang], CITED[lang]),
            "pdf": quote(PDF[lang]),
            "pdf_cited": house.cited(PDF[lang], ON_PAGE[lang]),
            "trace": house.traces[QUESTION[lang]],
            "run": house.runs[0],
            "runs": ",".join(house.runs),
            **{f"job_{name}": id for name, id in house.jobs.items()},
        }
    return found


@pytest.fixture(scope="module")
def pages(browser, house: Furnished):
    """A page for each language and look, kept from screen to screen."""
    opened = {}

    def page_of(lang: str, look: str, signed_in: bool):
        key = (lang, look, signed_in)
        if key not in opened:
            theme, width = LOOKS[look]
            opened[key] = watched(browser, lang=lang, theme=theme, width=width)
            if signed_in:
                sign_in(opened[key].page, house)
        return opened[key]

    yield page_of
    for one in opened.values():
        one.page.context.close()


@pytest.mark.parametrize(
    ("name", "lang", "look"),
    [(name, lang, look) for name in SCREENS for look in LOOKS for lang in ("en", "zh")],
)
def test_a_screen(pages, house, places, accessible, name, lang, look) -> None:
    screen = SCREENS[name]
    watched = pages(lang, look, screen.signed_in)
    watched.forget()
    page = watched.page
    page.goto(house.url + screen.path.format(**places[lang]))
    screen.prepare(Shown(page, house, lang, look))
    accessible(page)
    watched.check(house.url)
    if screen.kept and os.environ.get("UPDATE_PICTURES") == "1":
        keep(page, f"{name}-{lang}-{look}")


def keep(page: Any, name: str) -> None:
    """Its picture, in few colours: a third of the bytes, and looks the same."""
    from PIL import Image

    FOLDER.mkdir(parents=True, exist_ok=True)
    shot = Image.open(BytesIO(page.screenshot(caret="initial"))).convert("RGB")
    in_few_colours(shot).save(FOLDER / f"{name}.png", optimize=True)


def in_few_colours(shot: Any) -> Any:
    """Sixteen colours, so that a byte holds two; the strongest stand as they are, the others are the nearest greys."""
    from PIL import Image

    counts = sorted(shot.getcolors(1 << 24), reverse=True)
    strong: list[tuple[int, int, int]] = []
    for _, one in counts:
        lively = max(one) - min(one) >= LIVELY
        if lively and all(
            max(abs(a - b) for a, b in zip(one, other, strict=True)) >= LIVELY for other in strong
        ):
            strong.append(one)
    strong = strong[:STRONG]
    # Greys of the picture without colours: mixed with these, text would take their tint.
    grey = shot.convert("L").convert("RGB")
    rest = grey.quantize(COLOURS - len(strong), dither=Image.Dither.NONE).getpalette()
    colours = [*(part for one in strong for part in one), *rest[: 3 * (COLOURS - len(strong))]]
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours + colours[:3] * (256 - len(colours) // 3))
    found = shot.quantize(palette=palette, dither=Image.Dither.NONE)
    found.putpalette(colours)
    return found
