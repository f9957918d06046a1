"""The interview in a browser: answers change the advice, which says what it rests on."""

import re

import pytest


def _slow(page, seconds: float) -> None:
    """Whatever the page asks for from now on takes so long."""
    browser = page.context.new_cdp_session(page)
    browser.send("Network.enable")
    browser.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 1000 * seconds,
            "downloadThroughput": -1,
            "uploadThroughput": -1,
        },
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_answers_change_the_advice(open_page, handbook, accessible, lang, theme) -> None:
    from playwright.sync_api import expect

    page = open_page(f"{handbook.url}/ui/advise", lang=lang, theme=theme)
    accessible(page)
    page.click("#how summary")
    asked = page.locator("#how code").last
    page.check("[name=knowledge][value=no]")
    page.check("[name=behaviour][value=no]")
    expect(asked).to_have_text(re.compile('"behaviour": false'))
    simple = page.locator(".verdict").inner_text()
    page.check("[name=knowledge][value=yes]")
    page.check("[name=behaviour][value=yes]")
    page.fill("[name=labelled]", "2000")
    page.locator("[name=labelled]").blur()
    expect(asked).to_have_text(re.compile('"labelled": 2000'))
    assert page.locator(".verdict").inner_text() != simple
    assert page.locator(".advice table tbody tr").count() >= 4
    accessible(page)


def test_answers_given_faster_than_the_advice_comes_all_count(open_page, handbook) -> None:
    from playwright.sync_api import expect

    page = open_page(f"{handbook.url}/ui/advise")
    _slow(page, 1.0)
    page.check("[name=behaviour][value=no]")
    page.check("[name=behaviour][value=yes]")
    page.fill("[name=labelled]", "2000")
    page.locator("[name=labelled]").blur()
    expect(page.locator("#how code").last).to_have_text(
        re.compile('"behaviour": true.*"labelled": 2000')
    )


def test_it_fits_a_phone(open_page, handbook, accessible) -> None:
    accessible(open_page(f"{handbook.url}/ui/advise", lang="zh", width=375))
