"""The retrieval plugin's endpoints, in its published shapes."""

from __future__ import annotations

import httpx
import pytest
from serving import make_space, running

TEXTS = {
    "en": ("The canary sings at dawn.", "When does the canary sing?"),
    "zh": ("金丝雀在黎明歌唱。", "金丝雀什么时候歌唱？"),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with running(make_space(tmp_path_factory.mktemp("plugin") / "house"), keys=True) as found:
        yield found


def send(house, method, path, token, **body):
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.request(method, f"{house.url}{path}", headers=headers, timeout=60, **body)


def found(house, token, question, **more):
    asked = {"queries": [{"query": question, "top_k": 5, **more}]}
    reply = send(house, "POST", "/query", token, json=asked)
    assert reply.status_code == 200, reply.text
    return reply.json()["results"][0]["results"]


@pytest.mark.parametrize("lang", TEXTS)
def test_what_is_upserted_is_found_replaced_and_deleted(house, lang):
    text, question = TEXTS[lang]
    token = house.key("search", "write")
    about = {"source": "email", "author": "Anna", "created_at": "2026-03-01T08:00:00Z"}
    document = {"id": f"bird/{lang}", "text": text, "metadata": about}
    reply = send(house, "POST", "/upsert", token, json={"documents": [document]})
    assert reply.json() == {"ids": [f"bird/{lang}"]}
    best = found(house, token, question)[0]
    assert text in best["text"]
    assert best["metadata"]["document_id"] == f"bird/{lang}"
    assert best["metadata"]["source"] == "email"
    wanted = {"author": "Anna", "start_date": "2026-01-01", "end_date": "2026-12-31"}
    assert found(house, token, question, filter=wanted)
    assert not found(house, token, question, filter={**wanted, "author": "Bob"})
    assert not found(house, token, question, filter={"start_date": "2027-01-01"})
    changed = {**document, "text": text.replace("canary", "robin").replace("金丝雀", "知更鸟")}
    send(house, "POST", "/upsert", token, json={"documents": [changed]})
    assert all(text not in one["text"] for one in found(house, token, question))
    gone = send(house, "DELETE", "/delete", token, json={"filter": {"document_id": document["id"]}})
    assert gone.json() == {"success": True}
    ids = [one["metadata"]["document_id"] for one in found(house, token, question)]
    assert document["id"] not in ids


def test_files_are_read_by_their_format(house):
    token = house.key("search", "write")
    page = b"<html><body><h1>Moon</h1><p>The moon is full on Friday.</p></body></html>"
    for metadata in ('{"source": "file", "author": "Luna"}', "no json", None):
        form = {"metadata": metadata} if metadata else {}
        files = {"file": ("moon.html", page, "text/html")}
        reply = send(house, "POST", "/upsert-file", token, data=form, files=files)
        assert reply.status_code == 200, reply.text
        best = found(house, token, "When is the moon full?")[0]
        assert "<p>" not in best["text"]
        assert "Friday" in best["text"]
        send(house, "DELETE", "/delete", token, json={"ids": reply.json()["ids"]})


def test_nobody_reads_replaces_or_deletes_what_is_anothers(house):
    anna = house.key("search", "write", user="anna")
    bob = house.key("search", "write", user="bob")
    document = {"id": "private", "text": "The vault opens with 4711."}
    send(house, "POST", "/upsert", anna, json={"documents": [document]})
    assert any("4711" in one["text"] for one in found(house, anna, "vault opens"))
    assert not any("4711" in one["text"] for one in found(house, bob, "vault opens"))
    stolen = send(house, "POST", "/upsert", bob, json={"documents": [document]})
    assert stolen.status_code == 404
    send(house, "DELETE", "/delete", bob, json={"ids": ["private"]})
    send(house, "DELETE", "/delete", bob, json={"delete_all": True})
    assert any("4711" in one["text"] for one in found(house, anna, "vault opens"))
    assert (
        send(
            house, "POST", "/upsert", house.key("search"), json={"documents": [document]}
        ).status_code
        == 403
    )


def test_nothing_named_is_nothing_deleted(house):
    reply = send(house, "DELETE", "/delete", house.key("write"), json={})
    assert reply.status_code == 400
    listed = send(house, "GET", "/sub/openapi.json", house.key("search")).json()
    assert list(listed["paths"]) == ["/query"]
