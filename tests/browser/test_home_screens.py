"""Home, keys, requests and settings in a browser."""

import httpx
import pytest
from serving import make_space, running

from surefoot.run.workspace import make_workspace

PROMPT_ALONE = """schema = 1
name = "prompt"
[[stages]]
kind = "answer"
model = "http://127.0.0.1:9/v1"
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_home_says_what_to_do_next(open_page, handbook, accessible, lang, theme) -> None:
    page = open_page(f"{handbook.url}/", lang=lang, theme=theme)
    assert page.url.endswith("/ui/home")
    assert "evalset create" in page.locator(".guide").inner_text()
    accessible(page)


@pytest.mark.parametrize("name", ["settings", "audit", "keys"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_quiet_screens_open(open_page, handbook, accessible, lang, name) -> None:
    page = open_page(f"{handbook.url}/ui/{name}", lang=lang)
    accessible(page)


@pytest.mark.parametrize("name", ["home", "settings", "audit", "keys"])
def test_they_fit_a_phone(open_page, handbook, accessible, name) -> None:
    accessible(open_page(f"{handbook.url}/ui/{name}", lang="zh", theme="dark", width=375))


def test_an_empty_workspace_is_told_to_add_documents(open_page, tmp_path, accessible) -> None:
    root = tmp_path / "empty"
    make_workspace(root)
    with running(root) as served:
        page = open_page(f"{served.url}/ui/home")
        assert "surefoot up --example" in page.locator(".guide").inner_text()
        accessible(page)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_guide_ticks_what_was_done_and_is_put_away(
    open_page, tmp_path, accessible, lang
) -> None:
    with running(make_space(tmp_path / "house")) as served:
        page = open_page(f"{served.url}/ui/home", lang=lang)
        assert page.locator(".guide .done").count() == 1
        told = httpx.post(f"{served.url}/api/ask", json={"question": "When are refunds paid?"})
        verdict = {"trace_id": told.json()["trace_id"], "right": True}
        assert httpx.post(f"{served.url}/api/feedback", json=verdict).is_success
        page.reload()
        assert page.locator(".guide .done").count() == 3
        accessible(page)
        page.locator("form[action*=guide] button").click()
        page.locator(".guide").wait_for(state="detached")
        assert httpx.get(f"{served.url}/api/guide").json()["shown"] is False
        page.locator("form[action*=guide] button").click()
        page.locator(".guide").wait_for()


def test_a_solution_without_documents_has_a_home_too(open_page, tmp_path) -> None:
    root = tmp_path / "prompt"
    root.mkdir()
    (root / "surefoot.toml").write_text(PROMPT_ALONE, encoding="utf-8")
    with running(root) as served:
        page = open_page(f"{served.url}/ui/home")
        assert "evalset" in page.locator(".steps").inner_text()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_first_key_signs_its_maker_in_and_ends_with_a_click(
    open_page, tmp_path, accessible, lang
) -> None:
    with running(make_space(tmp_path / "house")) as served:
        page = open_page(f"{served.url}/ui/keys", lang=lang, quiet=False)
        page.fill("#name", "<b>me</b>")
        page.click("button.main")
        token = page.locator(".notice code").inner_text()
        assert token.startswith("sf_")
        assert "<b>me</b>" in page.locator("tbody").inner_text()
        accessible(page)
        assert httpx.get(f"{served.url}/api/keys").status_code == 401
        told = httpx.get(f"{served.url}/api/keys", headers={"authorization": f"Bearer {token}"})
        assert told.json()["data"][0]["name"] == "<b>me</b>"
        assert token not in told.text
        page.fill("#name", "intranet")
        page.locator("[value=admin]").uncheck()
        page.fill("#groups", "staff, board")
        page.click("button.main")
        assert "staff, board" in page.locator("tbody").inner_text()
        page.locator("tbody tr").nth(1).locator("button").last.click()
        page.wait_for_selector("tbody tr:nth-child(2) .badge:not(.good)")


def test_a_key_that_reads_some_documents_makes_none_that_reads_all(tmp_path) -> None:
    with running(make_space(tmp_path / "house")) as served:
        token = served.key("admin", user="anna")
        with httpx.Client(
            base_url=served.url, headers={"authorization": f"Bearer {token}"}
        ) as client:
            assert client.get("/api/keys").status_code == 403
            assert client.post("/api/keys", json={"name": "more"}).status_code == 403
