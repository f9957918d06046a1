"""States of files, what a sync would do, metadata and rights changed by hand, removal, and how texts are cut."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest
from serving import make_space, running

import surefoot


def call(served, method, path, token="", **more):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.request(method, f"{served.url}{path}", headers=headers, timeout=60, **more)


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    root = make_space(tmp_path_factory.mktemp("corpus") / "house")
    (root / "docs" / "torn.pdf").write_bytes(b"%PDF-1.4 torn")
    (root / "docs" / "空白.md").write_text("   \n", encoding="utf-8")
    with surefoot.open(root) as space:
        space.sync()
    with running(root, keys=True) as found:
        yield found


@pytest.fixture
def house(tmp_path):
    with running(make_space(tmp_path / "house"), keys=True) as found:
        yield found


def upload(served, token, text, name="note.md"):
    """A text as a file in a store of its own: the id of its document."""
    files = {"file": (name, text.encode())}
    file = call(served, "POST", "/v1/files", token, files=files, data={"purpose": "assistants"})
    body = {"name": "s", "file_ids": [file.json()["id"]]}
    assert call(served, "POST", "/v1/vector_stores", token, json=body).status_code == 200
    return f"uploads/{file.json()['id']}"


def test_states_tell_what_could_not_be_read_and_what_helps(locked):
    owner = locked.key("admin")
    found = call(locked, "GET", "/api/documents/states", owner).json()
    assert found["counts"] == {"ok": 4, "empty": 1, "failed": 1, "duplicate": 0, "off": 0}
    states = {one["id"]: one for one in found["data"]}
    assert states["docs/torn.pdf"]["status"] == "failed"
    assert states["docs/torn.pdf"]["reason"]
    assert states["docs/torn.pdf"]["remedy"]
    assert states["docs/空白.md"]["status"] == "empty"
    failed = call(locked, "GET", "/api/documents/states?status=failed", owner).json()
    assert [one["id"] for one in failed["data"]] == ["docs/torn.pdf"]
    named = call(locked, "GET", "/api/documents/states?text=REFUND", owner).json()
    assert [one["id"] for one in named["data"]] == ["docs/refunds.md"]
    ids, after = [], ""
    while True:
        page = call(
            locked, "GET", f"/api/documents/states?limit=2&after={quote(after)}", owner
        ).json()
        ids += [one["id"] for one in page["data"]]
        if not (after := page["next"]):
            break
    assert ids == sorted(states)


def test_states_of_others_are_not_told(locked):
    bert = locked.key("search", user="bert")
    found = call(locked, "GET", "/api/documents/states?limit=500", bert).json()
    assert "staff/salaries.md" not in [one["id"] for one in found["data"]]
    assert found["counts"]["ok"] == 3
    assert call(locked, "GET", "/api/documents/changes", bert).status_code == 403


def test_changes_tell_what_a_sync_would_do(house):
    owner = house.key("admin")
    found = call(house, "GET", "/api/documents/changes", owner).json()
    assert (found["counts"]["unchanged"], found["new"]) == (4, [])
    assert found["last"]["counts"]["added"] == 4
    docs = house.tenant.root / "docs"
    (docs / "新.md").write_text("# 新\n\n新的规定。\n", encoding="utf-8")
    (docs / "opening.md").unlink()
    (docs / "refunds.md").write_text("# Refunds\n\nNever.\n", encoding="utf-8")
    found = call(house, "GET", "/api/documents/changes", owner).json()
    assert found["new"] == ["docs/新.md"]
    assert found["removed"] == ["docs/opening.md"]
    assert found["changed"] == ["docs/refunds.md"]


def test_metadata_of_an_upload_is_changed_and_found_at_once(house):
    anna = house.key("search", "write", user="anna")
    bert = house.key("search", "write", user="bert")
    id = upload(house, anna, "# Note\n\nThe lamp is green. 灯是绿色的。\n")
    path = f"/api/documents/{id}"
    body = {"metadata": {"year": 2026, "tags": ["灯", "lamp"]}}
    assert call(house, "PATCH", path, bert, json=body).status_code == 404
    changed = call(house, "PATCH", path, anna, json=body)
    assert changed.status_code == 200, changed.text
    assert changed.json()["metadata"]["year"] == 2026
    assert changed.json()["acl"] == {"public": False, "users": ["anna"], "groups": []}
    wanted = {"query": "lamp", "filters": {"type": "eq", "key": "year", "value": 2026}}
    found = call(house, "POST", "/v1/search", anna, json=wanted).json()["data"]
    assert [one["document_id"] for one in found] == [id]
    rights = {"acl": {"users": ["anna", "bert"]}}
    assert call(house, "PATCH", path, anna, json=rights).status_code == 403
    owner = house.key("admin")
    assert call(house, "PATCH", path, owner, json=rights).status_code == 200
    assert call(house, "GET", path, bert).status_code == 200
    assert call(house, "PATCH", path, bert, json=body).status_code == 403  # anna's still


def test_what_lies_in_a_source_is_changed_there(house):
    owner = house.key("admin")
    body = {"metadata": {"year": 2026}}
    reply = call(house, "PATCH", "/api/documents/docs%2Frefunds.md", owner, json=body)
    assert reply.status_code == 409
    none = call(house, "PATCH", "/api/documents/docs%2Fnone.md", owner, json=body)
    assert none.status_code == 404


def test_documents_are_removed_by_whom_they_belong_to(house):
    anna = house.key("search", "write", user="anna")
    bert = house.key("search", "write", user="bert")
    owner = house.key("admin")
    id = upload(house, anna, "The lamp is green.")
    assert call(house, "DELETE", f"/api/documents/{id}", bert).status_code == 404
    gone = call(house, "DELETE", f"/api/documents/{id}", anna).json()
    assert gone == {"id": id, "deleted": True, "returns": False}
    assert call(house, "GET", f"/api/documents/{id}", anna).status_code == 404
    path = "/api/documents/docs%2Frefunds.md"
    assert call(house, "DELETE", path, anna).status_code == 403
    hidden = call(house, "DELETE", "/api/documents/staff%2Fsalaries.md", bert)
    assert hidden.status_code == 404
    assert call(house, "DELETE", path, owner).json()["returns"] is True
    assert call(house, "GET", path, owner).status_code == 404
    assert call(house, "DELETE", path, owner).status_code == 404
    found = call(house, "POST", "/v1/search", owner, json={"query": "refunds"}).json()["data"]
    assert "docs/refunds.md" not in [one["document_id"] for one in found]


def test_a_text_is_cut_for_a_look(locked):
    owner, bert = locked.key("admin"), locked.key("search", user="bert")
    text = "# 标题\n\n" + "第一句话。第二句话。" * 40 + "\n\n## More\n\n" + "One sentence. " * 80
    body = {"text": text, "title": "t", "chunker": {"kind": "structure", "max_tokens": 32}}
    cut = call(locked, "POST", "/api/chunks/preview", owner, json=body).json()
    assert cut["total"] > 3
    assert all(text[one["start"] : one["end"]] == one["text"] for one in cut["pieces"])
    assert cut["chunker"]["max_tokens"] == 32
    page = call(
        locked, "POST", "/api/chunks/preview", owner, json={**body, "first": 1, "limit": 1}
    ).json()
    assert (page["pieces"][0]["index"], page["next"]) == (1, 2)
    assert call(locked, "POST", "/api/chunks/preview", bert, json=body).status_code == 403
    own = {"document_id": "docs/refunds.md"}
    cut = call(locked, "POST", "/api/chunks/preview", bert, json=own).json()
    assert "30 days" in cut["pieces"][0]["text"]
    hidden = {"document_id": "staff/salaries.md"}
    assert call(locked, "POST", "/api/chunks/preview", bert, json=hidden).status_code == 404
    for wrong, status in (
        ({"text": "x", "document_id": "y"}, 422),
        ({"text": " "}, 422),
        ({"text": "x", "chunker": {"kind": "none"}}, 400),
        ({"text": "x", "chunker": {"kind": "structure", "max_tokens": -1}}, 400),
    ):
        assert call(locked, "POST", "/api/chunks/preview", owner, json=wrong).status_code == status


@pytest.mark.parametrize(
    ("lang", "document", "said"),
    [
        ("en", "docs/refunds.md", "When are refunds paid?"),
        ("zh", "docs/退款.md", "退款在什么时候支付？"),
    ],
)
def test_a_document_is_switched_off_and_on_for_everybody(house, lang, document, said):
    owner, bert = house.key("admin", "ask", "search"), house.key("ask", "search", user="bert")
    address = f"/api/documents/{quote(document)}"

    def cited(token):
        reply = call(house, "POST", "/api/ask", token, json={"question": said}).json()
        return {one["document_id"] for one in reply["citations"]}

    before = cited(bert)
    assert document in before
    assert call(house, "PATCH", address, bert, json={"enabled": False}).status_code == 403
    told = call(house, "PATCH", address, owner, json={"enabled": False})
    assert (told.status_code, told.json()["enabled"]) == (200, False)
    assert document not in cited(bert)
    assert document not in cited(owner)
    assert call(house, "GET", address, owner).status_code == 404
    states = call(house, "GET", "/api/documents/states?status=off", owner).json()
    assert [one["id"] for one in states["data"]] == [document]
    only = call(house, "GET", f"/api/documents/states?lang={lang}", bert).json()
    assert document in [one["id"] for one in only["data"]]
    assert {"docs/refunds.md", "docs/退款.md"} - {one["id"] for one in only["data"]}
    assert call(house, "PATCH", address, owner, json={"enabled": True}).json()["enabled"]
    assert cited(bert) == before


def test_an_upload_is_switched_off_by_who_owns_it(house):
    anna = house.key("ask", "search", "write", user="anna")
    other = house.key("ask", "search", "write", user="carl")
    address = f"/api/documents/{upload(house, anna, 'The lantern is green.')}"
    assert call(house, "PATCH", address, other, json={"enabled": False}).status_code == 404
    body = {"enabled": False, "metadata": {"year": 2026}}
    told = call(house, "PATCH", address, anna, json=body).json()
    assert (told["enabled"], told["metadata"]["year"]) == (False, 2026)
    found = call(house, "POST", "/v1/search", anna, json={"query": "lantern green"}).json()
    assert "lantern" not in str(found["data"])
    assert call(house, "PATCH", address, anna, json={"enabled": True}).json()["enabled"]
    found = call(house, "POST", "/v1/search", anna, json={"query": "lantern green"}).json()
    assert "lantern" in str(found["data"])
