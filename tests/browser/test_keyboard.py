"""Ask and Documents by the keyboard alone: the order of Tab, a focus that is seen, Enter, Escape; and paper."""

from __future__ import annotations

import pytest

QUESTION = "How many days of annual leave do I get in my first year?"
_FOCUS = """() => {
  const one = document.activeElement;
  const style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  return {
    name: one.id || one.name || one.className || one.tagName,
    outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: box.width > 0 && box.height > 0,
    here: one.getAttribute("aria-current"),
    text: one.innerText || "",
  };
}"""


def walked(page, most=40):
    """What Tab comes to, from the beginning of the page, until it has gone around."""
    page.focus(".skip")
    found = []
    for _ in range(most):
        found.append(page.evaluate(_FOCUS))
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('body, .skip')"):
            break
    return found


def tab_to(page, selector, most=60):
    """Presses Tab until the focus is on it."""
    for _ in range(most):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {selector}")


@pytest.mark.parametrize("path", ["ask", "documents"])
def test_tab_goes_from_the_navigation_to_the_work_and_is_seen(open_page, handbook, path) -> None:
    page = open_page(f"{handbook.url}/ui/{path}")
    page.wait_for_load_state("networkidle")
    stops = walked(page)
    assert [one["name"] for one in stops if not (one["outline"] and one["seen"])] == []
    here = next(place for place, one in enumerate(stops) if one["here"] == "page")
    first = {"ask": "question", "documents": "files"}[path]
    assert here < next(place for place, one in enumerate(stops) if one["name"] == first)


def test_the_skip_link_leads_to_the_work(open_page, handbook) -> None:
    page = open_page(f"{handbook.url}/ui/documents")
    tab_to(page, ".skip")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_question_a_source_and_back_without_a_mouse(open_page, handbook) -> None:
    page = open_page(f"{handbook.url}/ui/ask")
    tab_to(page, "#question")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector("article[data-done]")
    page.evaluate("document.activeElement.blur()")
    tab_to(page, ".text .chip")
    page.keyboard.press("Enter")
    page.wait_for_selector("#source mark[data-seen]")
    page.keyboard.press("Escape")
    assert page.locator("#source").inner_text() == ""
    assert page.evaluate("document.activeElement.matches('.text .chip')")


def test_documents_are_found_and_opened_without_a_mouse(open_page, handbook) -> None:
    page = open_page(f"{handbook.url}/ui/documents")
    tab_to(page, "[name=text]")
    with page.expect_response(lambda one: "text=leave" in one.url):
        page.keyboard.type("leave")
    page.locator("#list tbody tr").nth(1).wait_for(state="detached")
    tab_to(page, "#list tbody a")
    page.keyboard.press("Enter")
    page.wait_for_selector(".chunk")
    assert "leave.md" in page.url


@pytest.mark.parametrize("path", ["traces", "documents"])
def test_on_paper_there_is_the_work_and_no_frame(open_page, handbook, path) -> None:
    page = open_page(f"{handbook.url}/ui/{path}")
    page.emulate_media(media="print")
    for gone in (".side", ".how", "main form", "main button"):
        for one in page.locator(gone).all():
            assert not one.is_visible(), gone
    assert page.locator("h1").is_visible()
    background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert background == "rgb(255, 255, 255)"


def test_an_answer_is_printed_with_its_sources(open_page, handbook) -> None:
    page = open_page(f"{handbook.url}/ui/ask")
    page.fill("#question", QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector("article[data-done]")
    page.emulate_media(media="print")
    assert page.locator("article .text").is_visible()
    assert page.locator("ol.sources").is_visible()
    assert not page.locator("#ask").is_visible()


def test_a_dark_page_is_printed_light(open_page, handbook) -> None:
    page = open_page(f"{handbook.url}/ui/traces", theme="dark")
    page.emulate_media(media="print")
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
