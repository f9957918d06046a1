"""The interview in a browser: answers change the advice, which says what it rests on."""

import pytest


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_answers_change_the_advice(open_page, handbook, accessible, lang, theme) -> None:
    page = open_page(f"{handbook.url}/ui/advise", lang=lang, theme=theme)
    accessible(page)
    page.check("[name=knowledge][value=no]")
    page.check("[name=behaviour][value=no]")
    page.wait_for_timeout(1200)
    simple = page.locator(".verdict").inner_text()
    page.check("[name=knowledge][value=yes]")
    page.check("[name=behaviour][value=yes]")
    page.fill("[name=labelled]", "2000")
    page.locator("[name=labelled]").blur()
    page.wait_for_timeout(1200)
    assert page.locator(".verdict").inner_text() != simple
    assert page.locator(".advice table tbody tr").count() >= 4
    accessible(page)
    page.click("#how summary")
    assert '"labelled": 2000' in page.locator("#how code").last.inner_text()


def test_it_fits_a_phone(open_page, handbook, accessible) -> None:
    accessible(open_page(f"{handbook.url}/ui/advise", lang="zh", width=375))
