"""Asking in a browser: answer, chip, marked span, follow-up, side by side, filters, verdict, hostile text."""

import pytest

ASKED = {
    "en": ("How many days of annual leave do I get in my first year?", "24"),
    "zh": ("员工每年有多少天年假？", "天"),
}
HOSTILE = "<img src=x onerror=alert(1)> <script>alert(2)</script> **leave**?"


def asked(page, question):
    page.fill("#question", question)
    page.keyboard.press("Enter")
    page.wait_for_selector(".exchange:last-child article[data-done], .exchange:last-child .notice")
    return page.locator(".exchange").last


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_chip_opens_the_marked_span(open_page, handbook, accessible, lang, theme) -> None:
    page = open_page(f"{handbook.url}/ui/ask", lang=lang, theme=theme)
    accessible(page)
    question, word = ASKED[lang]
    exchange = asked(page, question)
    assert word in exchange.inner_text()
    exchange.locator(".text .chip").first.click()
    page.wait_for_selector("#source mark[data-seen]")
    marked = page.locator("#source mark")
    assert word in marked.inner_text()
    assert marked.evaluate(
        "one => { const box = one.getBoundingClientRect(); return box.top >= 0 && box.top < innerHeight }"
    )
    accessible(page)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_phone_shows_answer_and_source(open_page, handbook, accessible, lang) -> None:
    page = open_page(f"{handbook.url}/ui/ask", lang=lang, width=375)
    exchange = asked(page, ASKED[lang][0])
    accessible(page)
    exchange.locator(".text .chip").first.click()
    page.wait_for_selector("#source mark[data-seen]")
    accessible(page)
    page.click("[data-shut]")
    assert page.locator("#source").inner_text() == ""


def test_a_follow_up_takes_the_conversation_along(open_page, handbook) -> None:
    page = open_page(f"{handbook.url}/ui/ask")
    asked(page, ASKED["en"][0])
    with page.expect_request("**/ui/ask/answer") as sent:
        asked(page, "And for part-time staff?")
    body = sent.value.post_data or ""
    assert "said" in body
    assert "heard" in body
    assert page.locator(".exchange").count() == 2


def test_two_solutions_stand_side_by_side(open_page, handbook, accessible) -> None:
    page = open_page(f"{handbook.url}/ui/ask")
    page.click("#ask summary")
    page.select_option("[name=beside]", "short")
    page.fill("#question", ASKED["en"][0])
    page.click("#ask button.main")
    page.locator("article[data-done]").nth(1).wait_for()
    assert "short" in page.locator("article[data-done]").nth(1).inner_text()
    accessible(page)


def test_a_filter_leaves_other_documents_out(open_page, handbook) -> None:
    page = open_page(f"{handbook.url}/ui/ask")
    page.click("#ask summary")
    page.fill("[name=key] >> nth=0", "source")
    page.fill("[name=value] >> nth=0", "nothing-has-this")
    exchange = asked(page, ASKED["en"][0])
    assert exchange.locator(".text .chip").count() == 0


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_verdict_is_kept(open_page, handbook, lang) -> None:
    page = open_page(f"{handbook.url}/ui/ask", lang=lang)
    exchange = asked(page, ASKED[lang][0])
    exchange.locator("details summary").last.click()
    exchange.locator("textarea").fill("30")
    exchange.get_by_role("button").last.click()
    page.wait_for_selector("[role=status].good")
    with handbook.tenant.using() as space:
        kept = space.feedback.latest()
    assert any(one.correct == "30" and one.question == ASKED[lang][0] for one in kept)


def test_hostile_text_stays_text(open_page, handbook) -> None:
    page = open_page(f"{handbook.url}/ui/ask")
    dialogs = []
    page.on("dialog", lambda one: (dialogs.append(one.message), one.dismiss()))
    exchange = asked(page, HOSTILE)
    assert HOSTILE in exchange.locator("h2").inner_text()
    assert page.locator("#thread img, #thread script").count() == 0
    assert dialogs == []


def test_the_keyboard_is_enough(open_page, handbook) -> None:
    page = open_page(f"{handbook.url}/ui/ask")
    page.keyboard.type(ASKED["en"][0])
    page.keyboard.press("Enter")
    page.wait_for_selector("article[data-done]")
    page.locator(".text .chip").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#source mark[data-seen]")


def test_the_lines_for_shell_and_curl_can_be_copied(open_page, handbook) -> None:
    page = open_page(f"{handbook.url}/ui/ask")
    asked(page, ASKED["en"][0])
    page.click("#how summary")
    assert "surefoot ask 'How many days" in page.locator("#how code").first.inner_text()
    page.locator("#how [data-copy]").last.click()
    page.wait_for_selector("#how [data-copy][aria-pressed=true]")
    assert "/api/ask" in page.evaluate("navigator.clipboard.readText()")
