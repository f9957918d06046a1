"""Every request is written down with its key and status, never with what was said."""

from __future__ import annotations

from dataclasses import asdict

import httpx
import pytest
from serving import make_space, running


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with running(make_space(tmp_path_factory.mktemp("audit") / "house"), keys=True) as found:
        yield found


def test_who_asked_for_what_is_listed(house):
    token = house.key("search")
    headers = {"Authorization": f"Bearer {token}"}
    asked = {"query": "canary 金丝雀"}
    for path, body in (("/v1/search?x=canary", asked), ("/v1/chat/completions", {})):
        httpx.post(f"{house.url}{path}", json=body, headers=headers)
    httpx.get(f"{house.url}/v1/models")
    httpx.get(f"{house.url}/v1/models", headers={"Host": "evil.example"})
    httpx.get(f"{house.url}/healthz")
    lines = house.tenant.audit.lines()
    key = token.split("_")[1]
    assert [(one.who, one.method, one.path, one.status) for one in lines] == [
        ("", "GET", "/v1/models", 421),
        ("", "GET", "/v1/models", 401),
        (key, "POST", "/v1/chat/completions", 422),
        (key, "POST", "/v1/search", 200),
    ]
    said = str([asdict(one) for one in lines])
    assert "canary" not in said and token not in said and "金丝雀" not in said
