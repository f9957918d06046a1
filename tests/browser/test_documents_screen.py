"""Documents in a browser: the list with reasons and remedies, files dropped, a sync, chunks over the text, ranks."""

import time

import httpx
import pytest
from serving import make_space, running

QUESTION = {"en": "How many days of annual leave do I get?", "zh": "员工每年有多少天年假？"}
LEAVE = {"en": "docs/en/leave.md", "zh": "docs/zh/员工休假.md"}
HOSTILE = "<img src=x onerror=alert(1)>.md"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A small workspace that tests change, with a file that cannot be read and one without text."""
    root = make_space(tmp_path_factory.mktemp("documents") / "house")
    (root / "docs" / "torn.pdf").write_bytes(b"%PDF-1.4 torn")
    (root / "docs" / "空白.md").write_text("  \n", encoding="utf-8")
    (root / "docs" / HOSTILE).write_text("# <b>x</b>\n\n<script>alert(2)</script>\n")
    with running(root) as served:
        with served.tenant.using() as space:
            space.sync()
        yield served


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_file_is_listed_with_reason_and_remedy(
    open_page, house, accessible, lang, theme
) -> None:
    page = open_page(f"{house.url}/ui/documents", lang=lang, theme=theme)
    page.locator("#changes summary").first.wait_for()
    row = page.locator("tr", has_text="torn.pdf")
    assert row.locator(".badge.bad").count() == 1
    assert row.locator("p.bad").inner_text().strip()
    assert page.locator("tr", has_text="空白.md").locator(".badge.warn").count() == 1
    accessible(page)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_phone_shows_the_list(open_page, house, accessible, lang) -> None:
    page = open_page(f"{house.url}/ui/documents", lang=lang, width=375)
    page.locator("#changes summary").first.wait_for()
    accessible(page)


def test_the_list_is_narrowed(open_page, house) -> None:
    page = open_page(f"{house.url}/ui/documents")
    with page.expect_response(lambda one: "status=failed" in one.url):
        page.select_option("[name=status]", "failed")
    page.locator("tbody tr").nth(1).wait_for(state="detached")
    assert "torn.pdf" in page.locator("tbody").inner_text()
    page.select_option("[name=status]", "")
    with page.expect_response(lambda one: "text=REFUND" in one.url):
        page.fill("[name=text]", "REFUND")
    page.locator("tr", has_text="torn.pdf").wait_for(state="detached")
    assert page.locator("tbody tr").count() == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_files_are_added_found_and_removed(open_page, house, accessible, lang) -> None:
    page = open_page(f"{house.url}/ui/documents", lang=lang)
    good = {"name": f"lamp-{lang}.md", "mimeType": "text/markdown"}
    bad = {"name": f"torn-{lang}.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 torn"}
    page.set_input_files(
        "#files", [{**good, "buffer": f"# Lamp {lang}\n\nThe lamp is green.".encode()}, bad]
    )
    page.locator("#drop button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#sent .badge.good")
    page.wait_for_selector("#sent .badge.bad")
    accessible(page)
    row = page.locator("#list tr", has_text=f"Lamp {lang}")
    row.wait_for()
    found = httpx.post(f"{house.url}/v1/search", json={"query": f"lamp {lang}"}).json()["data"]
    assert any(one["title"] == f"Lamp {lang}" for one in found)
    row.locator("summary").click()
    row.get_by_role("button").click()
    page.locator("#list [role=status].soft").wait_for()
    found = httpx.post(f"{house.url}/v1/search", json={"query": f"lamp {lang}"}).json()["data"]
    assert all(one["title"] != f"Lamp {lang}" for one in found)


def test_files_can_be_dropped(open_page, house) -> None:
    page = open_page(f"{house.url}/ui/documents")
    dropped = page.evaluate_handle(
        """() => { const all = new DataTransfer();
        all.items.add(new File(["# Dropped\\n\\nBlue."], "<b>dropped</b>.md")); return all; }"""
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})
    page.wait_for_selector("#sent .badge.good")
    assert page.locator("#sent b").count() == 0
    assert "<b>dropped</b>.md" in page.locator("#sent").inner_text()


def test_what_changed_is_told_and_synced(open_page, house) -> None:
    (house.tenant.root / "docs" / "新规定.md").write_text("# 新规定\n\n灯是绿色的。\n")
    page = open_page(f"{house.url}/ui/documents")
    page.locator("#changes summary").first.click()
    assert "docs/新规定.md" in page.locator("#changes").inner_text()
    page.locator("#sync button").click()
    page.wait_for_selector("#sync[data-done]", timeout=120_000)
    page.locator("#list tr", has_text="新规定").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_chunks_lie_over_the_text(open_page, handbook, accessible, lang, theme) -> None:
    page = open_page(f"{handbook.url}/ui/documents/one/{LEAVE[lang]}", lang=lang, theme=theme)
    assert page.locator(".chunk").count() >= 1
    page.fill("[name=question]", QUESTION[lang])
    page.keyboard.press("Enter")
    page.locator("#tried td.num").first.wait_for()
    accessible(page)


def test_a_document_is_cut_otherwise_for_a_look(open_page, handbook, accessible) -> None:
    page = open_page(f"{handbook.url}/ui/documents/one/{LEAVE['en']}")
    before = page.locator(".cuts .chunk").count()
    page.select_option("[name=kind]", "sentence")
    page.fill("[name=max_tokens]", "40")
    page.locator("#cut").locator("xpath=preceding-sibling::form[1]").get_by_role("button").click()
    page.locator("#cut .chunk").first.wait_for()
    assert page.locator("#cut .chunk").count() > before
    accessible(page)
    page.locator("#cut").scroll_into_view_if_needed()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_phone_shows_the_chunks(open_page, handbook, accessible, lang) -> None:
    page = open_page(f"{handbook.url}/ui/documents/one/{LEAVE[lang]}", lang=lang, width=375)
    accessible(page)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_document_is_switched_off_and_on_again(open_page, house, accessible, lang) -> None:
    page = open_page(f"{house.url}/ui/documents/one/docs/opening.md", lang=lang)
    page.locator("form[action*=switch] button").click()
    page.locator(".notice.warn").wait_for()
    accessible(page)
    assert page.locator(".cuts, #tried").count() == 0
    found = {"query": "When does the shop open?"}
    search = f"{house.url}/v1/search"
    assert "opening.md" not in httpx.post(search, json=found, timeout=60).text
    listed = open_page(f"{house.url}/ui/documents?status=off", lang=lang)
    assert "opening.md" in listed.locator("tbody").inner_text()
    page.locator("form[action*=switch] button").click()
    page.locator(".cuts").wait_for()
    assert "opening.md" in httpx.post(search, json=found, timeout=60).text


def test_the_list_is_narrowed_to_a_language(open_page, house) -> None:
    page = open_page(f"{house.url}/ui/documents")
    with page.expect_response(lambda one: "written=zh" in one.url):
        page.select_option("[name=written]", "zh")
    page.locator("tr", has_text="torn.pdf").wait_for(state="detached")
    assert "退款" in page.locator("tbody").inner_text()


def test_metadata_and_readers_of_an_upload_are_changed(open_page, house, accessible) -> None:
    reply = httpx.post(
        f"{house.url}/upsert-file", files={"file": ("m.md", b"# Meta\n\nYellow.")}, timeout=60
    )
    id = f"uploads/{reply.json()['ids'][0]}"
    page = open_page(f"{house.url}/ui/documents/one/{id}")
    page.locator("[name=key]").last.fill("year")
    page.locator("[name=value]").last.fill("2026")
    page.uncheck("[name=public]")
    page.fill("[name=groups]", "staff, 员工")
    page.get_by_role("button", name="Keep").click()
    page.wait_for_load_state()
    with house.tenant.using() as space:
        found = space.resources.index().document(id)
    assert found.meta["year"] == 2026
    assert (found.acl.public, found.acl.groups) == (False, ("staff", "员工"))
    accessible(page)


def test_names_and_texts_of_documents_stay_text(open_page, house) -> None:
    page = open_page(f"{house.url}/ui/documents?text=onerror")
    assert "<img src=x onerror=alert(1)>" in page.locator("#list").inner_text()
    page.locator("#list tbody a").first.click()
    assert "<script>alert(2)</script>" in page.locator(".cuts").inner_text()
    assert page.locator("main img, main script:not([src]), .cuts b:not(.num)").count() == 0


def test_keys_see_only_what_is_theirs(tmp_path) -> None:
    with running(make_space(tmp_path / "house"), keys=True) as served:
        bert = {"authorization": f"Bearer {served.key('search', user='bert')}"}
        told = httpx.get(f"{served.url}/ui/documents", headers=bert).text
        assert "refunds" in told
        assert "salaries" not in told
        for path in ("one/staff/salaries.md", "changes"):
            reply = httpx.get(f"{served.url}/ui/documents/{path}", headers=bert)
            assert reply.status_code in (403, 404)
            assert "25th" not in reply.text
        for path in ("sync", "remove", "cut/docs/refunds.md", "about/docs/refunds.md"):
            form = {"id": "docs/refunds.md", "kind": "fixed", "max_tokens": "9"}
            reply = httpx.post(f"{served.url}/ui/documents/{path}", headers=bert, data=form)
            assert reply.status_code == 403, path


def test_ten_thousand_documents_stay_quick(tmp_path) -> None:
    from surefoot.core.roles import DocumentState, IndexedDocument
    from surefoot.core.types import Document

    def made(n):
        id = f"docs/{n:05}.md"
        document = Document(id, id, f"{n:064x}", f"Text {n}", f"Title {n}", "en")
        state = DocumentState(id, id, document.digest, "ok", source="docs", title=document.title)
        return IndexedDocument(document, state)

    with running(make_space(tmp_path / "house")) as served:
        with served.tenant.using() as space:
            index = space.resources.index()
            for first in range(0, 10_000, 1000):
                index.replace([made(n) for n in range(first, first + 1000)])
        httpx.get(f"{served.url}/ui/documents", timeout=60)  # opens the index
        for query in ("", "?after=docs/09000.md", "?text=title%209999", "?status=failed"):
            began = time.perf_counter()
            reply = httpx.get(f"{served.url}/ui/documents{query}", timeout=60)
            took = time.perf_counter() - began
            print(f"/ui/documents{query}: {took:.3f} s, {len(reply.content)} bytes")
            assert reply.status_code == 200
            assert len(reply.content) < 100_000
