"""Past questions in a browser: found again, opened stage by stage, asked again with another setting."""

import httpx
import pytest

ASKED = {
    "en": "How many days of annual leave do I get in my first year?",
    "zh": "笔记本电脑多久更换一次？",
}


@pytest.fixture(scope="module")
def told(handbook) -> dict[str, str]:
    """The traces of both questions."""
    found = {}
    for lang, question in ASKED.items():
        reply = httpx.post(f"{handbook.url}/api/ask", json={"question": question}, timeout=60)
        found[lang] = reply.json()["trace_id"]
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_question_is_shown_stage_by_stage(
    open_page, handbook, told, accessible, lang, theme
) -> None:
    page = open_page(f"{handbook.url}/ui/traces/{told[lang]}", lang=lang, theme=theme)
    assert ASKED[lang] in page.locator("h1").inner_text()
    assert page.locator(".waterfall tbody tr").count() >= 2
    assert page.locator(".stage td a").count() >= 3
    accessible(page)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_past_questions_are_found_by_their_words(
    open_page, handbook, told, accessible, lang
) -> None:
    page = open_page(f"{handbook.url}/ui/traces", lang=lang)
    accessible(page)
    with page.expect_response(lambda one: "text=" in one.url):
        page.fill("[name=text]", ASKED[lang][3:12])
    page.wait_for_selector(f"#list a[href='/ui/traces/{told[lang]}']")
    with page.expect_response(lambda one: "text=" in one.url):
        page.fill("[name=text]", "nobody asked this")
    page.locator("#list table").wait_for(state="detached")
    page.fill("[name=text]", "")
    page.locator(f"#list a[href='/ui/traces/{told[lang]}']").first.click()
    assert ASKED[lang] in page.locator("h1").inner_text()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_question_is_asked_again_with_another_setting(
    open_page, handbook, told, accessible, lang
) -> None:
    page = open_page(f"{handbook.url}/ui/traces/{told[lang]}", lang=lang)
    options = page.locator("[name=path] option").evaluate_all("all => all.map(one => one.value)")
    keep = next(path for path in options if path.endswith(".limit") or path.endswith(".keep"))
    page.select_option("[name=path]", keep)
    page.fill("[name=value]", "1")
    page.click("main form.toolbar button.main")
    page.wait_for_selector("#replayed .notice")
    assert page.locator("#replayed table tr").count() > 2
    accessible(page)
    assert keep in page.locator("#how code").first.inner_text() or page.locator("#how").count()


def test_a_setting_that_is_wrong_says_why(open_page, handbook, told) -> None:
    page = open_page(f"{handbook.url}/ui/traces/{told['en']}", quiet=False)
    page.fill("[name=value]", "nonsense")
    page.click("main form.toolbar button.main")
    page.wait_for_selector("#replayed .notice.bad")
    assert "stages.0" in page.locator("#replayed .notice").inner_text()


def test_a_phone_shows_a_trace(open_page, handbook, told, accessible) -> None:
    page = open_page(f"{handbook.url}/ui/traces/{told['zh']}", lang="zh", width=375)
    accessible(page)
