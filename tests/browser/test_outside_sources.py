"""The chip of what was found elsewhere opens its own page in a tab of its own, or nothing; nothing loads by itself."""

import pytest
from outside import ASKED, ROWS, make_joined
from serving import running


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with running(make_joined(tmp_path_factory.mktemp("joined") / "house")) as found:
        yield found


def answer_of(page, question):
    page.fill("#question", question)
    page.keyboard.press("Enter")
    answer = page.locator(".exchange:last-child article[data-done]")
    answer.wait_for()
    return answer


@pytest.mark.parametrize(
    ("lang", "width", "name", "words"),
    [
        ("en", 1280, "page", "found elsewhere"),
        ("zh", 1280, "seite", "来自外部"),
        ("en", 375, "page", "found elsewhere"),
    ],
)
def test_a_page_elsewhere_is_linked_and_marked(
    open_page, house, accessible, lang, width, name, words
) -> None:
    page = open_page(f"{house.url}/ui/ask", lang=lang, width=width)
    answer = answer_of(page, ASKED[name])
    url = ROWS[name][1]
    assert "↗" in answer.locator(".text a.chip").first.inner_text()
    for place in (".text", ".sources"):
        chip = answer.locator(f"{place} a.chip[href='{url}']").first
        assert set(chip.get_attribute("rel").split()) >= {"noopener", "noreferrer", "external"}
        assert chip.get_attribute("target") == "_blank"
        assert chip.get_attribute("hx-get") is None
    assert words in answer.locator(".sources").inner_text()
    assert f"<b>{name}</b>" in answer.locator(".sources").inner_text()
    accessible(page)


@pytest.mark.parametrize(("lang", "name"), [("en", "none"), ("zh", "file"), ("en", "script")])
def test_what_has_no_web_page_is_no_link(open_page, house, accessible, lang, name) -> None:
    page = open_page(f"{house.url}/ui/ask", lang=lang)
    answer = answer_of(page, ASKED[name])
    title = f"<b>{name}</b>"
    row = answer.locator(".sources li").filter(has_text=title)
    assert row.locator(".chip").count() == 1
    assert row.locator("a").count() == 0
    assert answer.locator(".text span.chip").count() >= 1
    accessible(page)
