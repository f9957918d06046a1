"""Whoever asks by whatever way of the server is told what a server would tell that holds what they may read alone."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from serving import Running, make_space, running

import surefoot
from surefoot.core.types import Acl, Asker
from surefoot.testing.index_samples import held_by, may_read, with_rights

pytestmark = pytest.mark.slow

SOLUTION = """schema = 1
name = "house"
[corpus]
sources = [{ kind = "folder", path = "docs", name = "docs" }, { kind = "folder", path = "staff", name = "staff" }]
embed = { kind = "hash", dimensions = 64 }
isolation = "strict"
[[stages]]
kind = "spelling"
[[stages]]
kind = "search"
[[stages]]
kind = "quote"
refuse = { threshold = 0 }
"""
MARKS = {
    "docs/opening.md": ("nine o'clock", "Opening hours", "opening.md"),
    "docs/refunds.md": ("goods came back", "refunds.md"),
    "docs/退款.md": ("收到退货", "退款.md"),
    "staff/salaries.md": ("25th day", "Salaries", "salaries.md"),
}
"""What only one document says, or is called."""
QUESTIONS = ("When are refunds payed?", "退款多久支付？", "On which day are salaries paid?")
CHANGING = re.compile(
    r'"(id|trace_id|created|created_at|ms|system_fingerprint|url)": ?("[^"]*"|[\d.]+)'
)
USERS, GROUPS = ("ann", "王伟"), ("staff", "财务")
acls = st.builds(
    Acl,
    public=st.sampled_from((False, False, True)),
    users=st.lists(st.sampled_from(USERS), max_size=1).map(tuple),
    groups=st.lists(st.sampled_from(GROUPS), max_size=1).map(tuple),
)
askers = st.tuples(
    st.sampled_from(("", *USERS)), st.lists(st.sampled_from(GROUPS), max_size=1).map(tuple)
)


class House:
    """A server over all documents, whose rights change, and one over what the asker may read."""

    def __init__(self, whole: Running, part: Running) -> None:
        self.whole, self.part = whole, part
        self.spaces = [surefoot.open(one.tenant.root) for one in (whole, part)]
        self.read = list(held_by(self.spaces[0].resources.index()))
        self._keys: dict[tuple[str, str, tuple[str, ...]], str] = {}

    def give(self, rights: list[Acl], asker: Asker) -> list[str]:
        held = [with_rights(one, acl) for one, acl in zip(self.read, rights, strict=True)]
        mine = [one for one in held if may_read(one.document.acl, asker)]
        whole, part = (space.resources.index() for space in self.spaces)
        whole.replace(held)
        part.remove([one.document.id for one in held])
        part.replace(mine)
        known = {one.document.id for one in mine}
        return [one.document.id for one in held if one.document.id not in known]

    def key(self, server: Running, user: str, groups: tuple[str, ...]) -> str:
        held = (server.url, user, groups)
        if held not in self._keys:
            self._keys[held] = server.key("ask", "search", user=user, groups=groups)
        return self._keys[held]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    roots = [make_space(tmp_path_factory.mktemp(name) / "house", SOLUTION) for name in "ab"]
    with running(roots[0], keys=True) as whole, running(roots[1], keys=True) as part:
        yield House(whole, part)


def routes(question: str) -> dict[str, tuple[str, str, Any]]:
    """Every way to ask and read, as method, path and body."""
    talk = [{"role": "user", "content": question}]
    found: dict[str, tuple[str, str, Any]] = {
        "search": ("POST", "/v1/search", {"query": question}),
        "ask": ("POST", "/api/ask", {"question": question}),
        "ask-stream": ("POST", "/api/ask", {"question": question, "stream": True}),
        "chat": ("POST", "/v1/chat/completions", {"model": "house", "messages": talk}),
        "chat-stream": (
            "POST",
            "/v1/chat/completions",
            {"model": "house", "messages": talk, "stream": True},
        ),
        "plugin": ("POST", "/query", {"queries": [{"query": question, "top_k": 5}]}),
        "documents": ("GET", "/api/documents", None),
        "files": ("GET", "/v1/files", None),
        "stores": ("GET", "/v1/vector_stores", None),
        "filter": (
            "POST",
            "/v1/search",
            {"query": question, "filters": {"type": "eq", "key": "title", "value": "Salaries"}},
        ),
    }
    for document in MARKS:
        found[f"document {document}"] = ("GET", f"/api/documents/{document}", None)
        found[f"chunks {document}"] = ("GET", f"/api/documents/{document}/chunks", None)
        found[f"viewer {document}"] = ("GET", f"/documents/{document}", None)
        found[f"original {document}"] = ("GET", f"/api/documents/{document}/original", None)
        found[f"screen {document}"] = ("GET", f"/ui/documents/one/{document}", None)
    return found


def told(server: Running, token: str, question: str) -> dict[str, tuple[int, str]]:
    """Status and text of every reply, without what is new in each."""
    found = {}
    with httpx.Client(
        base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=60
    ) as client:
        for name, (method, path, body) in routes(question).items():
            reply = client.request(method, path, json=body)
            text = reply.text.replace(server.url, "")
            found[name] = (reply.status_code, CHANGING.sub("", text))
    found |= asyncio.run(_tools(server, token, question))
    return found


async def _tools(server: Running, token: str, question: str) -> dict[str, tuple[int, str]]:
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "mcp search": ("search", {"query": question}),
        "mcp ask": ("ask", {"question": question}),
        "mcp explain": ("explain", {"question": question}),
        "mcp list": ("list_documents", {}),
    }
    calls |= {f"mcp fetch {name}": ("fetch", {"id": name}) for name in MARKS}
    headers, found = {"Authorization": f"Bearer {token}"}, {}
    async with httpx2.AsyncClient(headers=headers) as http:
        transport = streamable_http_client(f"{server.url}/mcp", http_client=http)
        async with Client(transport) as client:
            for name, (tool, arguments) in calls.items():
                reply = await client.call_tool(tool, arguments)
                said = json.dumps(reply.structured_content, ensure_ascii=False)
                text = said + " ".join(getattr(one, "text", "") for one in reply.content)
                found[name] = (int(reply.is_error), CHANGING.sub("", text.replace(server.url, "")))
    return found


def check(house: House, rights: list[Acl], asker: tuple[str, tuple[str, ...]], question: str):
    user, groups = asker
    hidden = house.give(rights, Asker(user or None, groups, trusted=False))
    asked_for = {name for name in MARKS if name in hidden}
    everything = house.whole.key("ask", "search", "admin")
    told(house.whole, everything, question)  # what is kept of it must reach nobody else
    mine = told(house.whole, house.key(house.whole, user, groups), question)
    alone = told(house.part, house.key(house.part, user, groups), question)
    assert mine == alone
    for name, (_, text) in mine.items():
        own = {mark for document in asked_for for mark in MARKS[document]}
        named = {mark for mark in own if mark in name or mark in question or mark == "Salaries"}
        assert not [mark for mark in own - named if mark in text], (name, text)
    assert mine["search"][0] == 200


@given(
    rights=st.lists(acls, min_size=len(MARKS), max_size=len(MARKS)),
    asker=askers,
    question=st.sampled_from(QUESTIONS),
)
@settings(
    deadline=None,
    derandomize=True,
    max_examples=5,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_way_tells_what_a_server_of_their_own_would(house, rights, asker, question):
    check(house, rights, asker, question)
