"""The solution of a key answers wherever a request names none."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from serving import SOLUTION, make_space, running

import surefoot

OTHER = (
    SOLUTION.replace('"house"', '"staff"', 1)
    .replace('{ kind = "folder", path = "docs", name = "docs" },', "")
    .replace('"hash"', '"hash", dimensions = 64')
    .replace("embed =", 'chunk = { kind = "fixed", max_tokens = 64, overlap = 0 }\nembed =')
)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    root = make_space(tmp_path_factory.mktemp("keyed") / "house")
    (root / "solutions").mkdir()
    (root / "solutions" / "staff.toml").write_text(OTHER, encoding="utf-8")
    with surefoot.open(root, solution="staff") as space:
        space.sync()
    with running(root) as served:
        yield served


@pytest.fixture
def client(house):
    token = house.key("ask", "search", groups=("staff",))
    book = house.tenant.keys
    key = next(one for one in book.all() if not one.solution)
    book.change(replace(key, solution="staff"))
    with httpx.Client(base_url=house.url, headers={"Authorization": f"Bearer {token}"}) as made:
        yield made


def test_vectors_and_scores_are_those_of_the_keys_solution(client):
    told = client.post("/v1/embeddings", json={"input": "退款"}).json()
    assert told["model"] == "staff"
    assert len(told["data"][0]["embedding"]) == 64
    asked = {"query": "salaries", "documents": ["Salaries are paid.", "工资"]}
    assert client.post("/rerank", json=asked).json()["model"] == "staff"
    named = client.post("/v1/embeddings", json={"input": "退款", "model": "house"}).json()
    assert named["model"] == "house"


def test_documents_are_those_of_the_keys_solution(client):
    listed = client.get("/api/documents").json()["data"]
    assert [one["id"] for one in listed] == ["staff/salaries.md"]
    read = client.get("/api/documents/staff/salaries.md").json()
    assert read["text"].startswith("# Salaries")
    assert client.get("/api/documents/staff/salaries.md/chunks").json()["data"]
    assert client.get("/api/documents/docs/refunds.md").status_code == 404


def test_a_text_is_cut_as_the_keys_solution_cuts_it(client):
    told = client.post("/api/chunks/preview", json={"text": "word " * 200}).json()
    assert told["chunker"]["max_tokens"] == 64
    assert told["total"] > 1
    states = client.get("/api/documents/states").json()
    assert [one["id"] for one in states["data"]] == ["staff/salaries.md"]
    assert states["counts"]["ok"] == 1
