"""The frame: language, theme, sign-in, errors, size and speed of the first page."""

import time

import httpx
from serving import make_space, running


def test_language_and_theme_are_kept(open_page, handbook) -> None:
    page = open_page(f"{handbook.url}/ui/ask", lang="zh")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.click("text=English")
    assert page.locator("html").get_attribute("lang") == "en"
    page.click("[name=theme]")
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "light"


def test_a_server_with_keys_asks_for_one(open_page, tmp_path, accessible) -> None:
    with running(make_space(tmp_path / "house"), keys=True) as served:
        token = served.key("ask", "search")
        page = open_page(f"{served.url}/ui/ask?q=refunds", quiet=False)
        assert "/ui/enter" in page.url
        accessible(page)
        page.fill("#key", "wrong")
        page.click("button.main")
        assert page.locator(".notice").count() == 1
        page.fill("#key", token)
        page.click("button.main")
        page.wait_for_selector("#question")
        assert page.input_value("#question") == "refunds"
        assert page.evaluate("document.cookie") == ""
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_selector("#key")


def test_a_cookie_alone_changes_nothing(tmp_path) -> None:
    with running(make_space(tmp_path / "house"), keys=True) as served:
        form = {"question": "refunds"}
        with httpx.Client(base_url=served.url) as client:
            client.post("/ui/enter", data={"key": served.key("ask", "search", "write")})
            assert client.post("/ui/ask", data=form).status_code == 403
            same = client.post("/ui/ask", data=form, headers={"origin": served.url})
            assert same.status_code == 200
            other = client.post("/ui/ask", data=form, headers={"origin": "https://evil.example"})
            assert other.status_code == 403


def test_an_address_that_is_not_there_says_so(open_page, handbook, accessible) -> None:
    page = open_page(f"{handbook.url}/ui/source/none?start=0&end=1", quiet=False)
    assert page.locator("h1").inner_text() == "There is nothing here"
    accessible(page)


def test_the_first_page_is_small_and_quick(open_page, handbook) -> None:
    with httpx.Client(base_url=handbook.url) as client:
        first = client.get("/ui/ask")
        parts = [part.split('"')[0] for part in first.text.split('"/ui/static/')[1:]]
        size = len(first.content) + sum(
            len(client.get(f"/ui/static/{part}").content) for part in parts
        )
        began = time.perf_counter()
        client.get("/ui/ask")
        print(f"first page: {size} bytes, {time.perf_counter() - began:.3f} s")
    assert size < 100_000


def test_nothing_inline_and_nothing_foreign(handbook) -> None:
    page = httpx.get(f"{handbook.url}/ui/ask")
    assert "unsafe" not in page.headers["content-security-policy"]
    for banned in ("<style", " style=", "javascript:", " onclick", "http://", "https://"):
        shown = page.text.replace(handbook.url, "")
        assert banned not in shown, banned


def test_signing_in_leads_nowhere_else(handbook) -> None:
    for place in ("https://evil.example", "//evil.example", "/\\evil.example", "/ui/../v1"):
        reply = httpx.post(f"{handbook.url}/ui/look", data={"lang": "en", "next": place})
        assert reply.headers["location"].startswith("/ui")
