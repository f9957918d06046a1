"""The report in a real browser, from disk: nothing is fetched or complained of, it is accessible and fits a phone."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from surefoot.optimize.report import report_html

pytestmark = pytest.mark.slow

_TESTS = Path(__file__).parents[1] / "unit/optimize/report"


def _loaded(name):
    spec = spec_from_file_location(name, _TESTS / f"{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pages = _loaded("pages")


@pytest.fixture(params=["en", "zh"])
def report(request, tmp_path) -> Path:
    path = tmp_path / f"report-{request.param}.html"
    path.write_text(report_html(pages.page(request.param)), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_opens_from_disk(browser, report, scheme) -> None:
    from axe_playwright_python.sync_playwright import Axe

    lang = report.stem.removeprefix("report-")
    requests, errors = [], []
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(report.as_uri())
    assert requests == [report.as_uri()]
    assert errors == []
    assert pages.VERDICT[lang] in page.inner_text("main, header")
    assert page.locator("svg[role=img]").first.bounding_box()["width"] > 600
    assert page.locator(".verdict").evaluate("one => getComputedStyle(one).fontSize") == "27.2px"
    assert Axe().run(page).response["violations"] == []
    page.close()


def test_a_failing_question_opens(browser, report) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    inner = page.locator("details dl").first
    assert not inner.is_visible()
    page.locator("summary").filter(has_text="<img").first.focus()
    page.keyboard.press("Enter")
    assert inner.is_visible()
    assert "surefoot trace show 4f2a" in inner.inner_text()
    assert page.locator("main img").count() == 0
    page.close()


def test_the_report_fits_a_phone(browser, report) -> None:
    page = browser.new_page(viewport={"width": 375, "height": 700})
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.close()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_comparison_is_accessible(browser, tmp_path, lang, scheme) -> None:
    from axe_playwright_python.sync_playwright import Axe

    from surefoot.optimize.report import comparison_page

    made = comparison_page(_loaded("test_comparison_page").told(lang), lang)
    path = tmp_path / "comparison.html"
    path.write_text(report_html(made), encoding="utf-8")
    for width in (1280, 375):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        errors = []
        page.on("console", lambda message, errors=errors: errors.append(message.text))
        page.goto(path.as_uri())
        assert errors == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert Axe().run(page).response["violations"] == []
        page.close()
