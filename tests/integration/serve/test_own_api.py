"""surefoot's own API: answers with evidence, documents, traces, feedback, the page of a citation."""

from __future__ import annotations

import json
from urllib.parse import quote

import httpx
import pytest
from serving import make_space, running

ORIGINALS = ("/api/documents/{}/original", "/api/documents/{}/pages/1.png")


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    root = make_space(tmp_path_factory.mktemp("own") / "house")
    (root / "docs" / "odd.md").write_text("# Odd\n\nTags <script>alert(1)</script> stay text.\n")
    import surefoot

    with surefoot.open(root) as space:
        space.sync()
    with running(root, keys=True) as found:
        yield found


def call(served, method, path, token="", **more):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.request(method, f"{served.url}{path}", headers=headers, timeout=30, **more)


@pytest.mark.parametrize(
    ("question", "document", "words"),
    [
        ("When are refunds paid?", "docs/refunds.md", "30 days"),
        ("退款什么时候支付？", "docs/退款.md", "三十天"),
    ],
)
def test_an_answer_comes_with_all_its_evidence(served, question, document, words):
    said = call(served, "POST", "/api/ask", json={"question": question}).json()
    assert words in said["answer"]
    assert [stage["kind"] for stage in said["stages"]] == ["search", "quote"]
    assert said["hits"][0]["score"] > 0
    cited = said["citations"][0]
    assert cited["document_id"] == document
    text = call(served, "GET", f"/api/documents/{quote(document)}").json()["text"]
    assert text[cited["source_start"] : cited["source_end"]] == cited["quote"]
    page = httpx.get(cited["url"])
    assert f'<mark id="cited" data-cited>{cited["quote"]}</mark>' in page.text
    trace = call(served, "GET", f"/api/traces/{said['trace_id']}").json()
    assert trace["spans"][0]["attributes"]["surefoot.key"] == "owner"


def test_an_answer_is_told_in_events(served):
    body = {"question": "When are refunds paid?", "stream": True, "seed": 5}
    lines = call(served, "POST", "/api/ask", json=body).text.strip().split("\n\n")
    events = [(one.split("\n")[0][7:], json.loads(one.split("data: ", 1)[1])) for one in lines]
    assert [name for name, _ in events if name != "text"] == ["stage", "stage", "answer"]
    assert "30 days" in events[-1][1]["answer"]
    wrong = call(served, "POST", "/api/ask", json={**body, "model": "none"})
    assert wrong.status_code == 404


def test_documents_come_in_pages_and_only_those_one_may_read(locked):
    public = locked.key("search")
    staff = locked.key("search", user="anna", groups=("staff",))
    found, after = [], ""
    while True:
        path = f"/api/documents?limit=2&after={quote(after)}"
        page = call(locked, "GET", path, staff).json()
        found += [one["id"] for one in page["data"]]
        if not (after := page["next"]):
            break
    assert found == sorted(found)
    assert "staff/salaries.md" in found
    seen = call(locked, "GET", "/api/documents", public).json()["data"]
    assert {one["id"] for one in seen} == set(found) - {"staff/salaries.md"}
    for path in ("/api/documents/{}", "/api/documents/{}/chunks", "/documents/{}", *ORIGINALS):
        place = path.format("staff%2Fsalaries.md")
        if path not in ORIGINALS:
            assert call(locked, "GET", place, staff).status_code == 200
        hidden, none = (
            call(locked, "GET", path.format(one), public)
            for one in ("staff%2Fsalaries.md", "staff%2Fno.md")
        )
        assert (hidden.status_code, hidden.text) == (none.status_code, none.text)
        assert hidden.status_code == 404


def test_chunks_come_in_pages(served):
    page = call(served, "GET", "/api/documents/docs/refunds.md/chunks?limit=1").json()
    assert "30 days" in page["data"][0]["text"]
    assert page["next"] is None


def test_the_page_of_a_document_is_text_only(locked):
    page = call(locked, "GET", "/documents/docs%2Fodd.md?start=3&end=9999999", locked.key("search"))
    assert "<script>" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "&lt;script&gt;" in page.text or "alert" not in page.text


def test_a_trace_is_of_who_asked_and_of_the_owner(locked):
    asker, other = locked.key("ask", "write"), locked.key("ask", "write")
    body = {"question": "When are refunds paid?"}
    trace = call(locked, "POST", "/api/ask", asker, json=body).json()["trace_id"]
    assert call(locked, "GET", f"/api/traces/{trace}", asker).status_code == 200
    assert call(locked, "GET", f"/api/traces/{trace}", locked.key("admin")).status_code == 200
    assert call(locked, "GET", f"/api/traces/{trace}", other).status_code == 404
    said = {"trace_id": trace, "right": False, "answer": "30 days"}
    assert call(locked, "POST", "/api/feedback", other, json=said).status_code == 404
    assert call(locked, "POST", "/api/feedback", locked.key("ask"), json=said).status_code == 403
    assert call(locked, "POST", "/api/feedback", asker, json=said).status_code == 200
    kept = locked.tenant.default.feedback.latest()[-1]
    assert (kept.trace_id, kept.right, kept.correct) == (trace, False, "30 days")


def test_what_is_served_is_told_to_administrators(locked):
    admin = locked.key("admin")
    told = call(locked, "GET", "/api/status", admin).json()
    assert told["documents"]["ok"] == 5
    assert told["models"] == ["house"]
    assert call(locked, "GET", "/api/runs", admin).json() == {"data": [], "next": ""}
    for path in ("/api/status", "/api/runs"):
        assert call(locked, "GET", path, locked.key("ask", "search")).status_code == 403
