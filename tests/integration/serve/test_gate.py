"""Who may ask: keys, scopes, rights, hosts, origins, sizes, rates."""

from __future__ import annotations

import time
from dataclasses import replace

import httpx
import pytest
from serving import make_space, running

from surefoot.core.errors import ConfigError
from surefoot.serve.server import serve
from surefoot.store.keys import KeyLimits

ASK = {"messages": [{"role": "user", "content": "When are salaries paid?"}]}


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    with running(make_space(tmp_path_factory.mktemp("gate") / "house"), keys=True) as found:
        yield found


def post(url, path, body, token="", **headers):
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return httpx.post(f"{url}{path}", json=body, headers=headers, timeout=30)


def test_no_route_answers_without_a_key(locked):
    paths = httpx.get(
        f"{locked.url}/openapi.json",
        headers={"Authorization": f"Bearer {locked.key()}"},
        timeout=60,
    ).json()["paths"]
    methods = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
    walked = 0
    for path in (*paths, "/openapi.json", "/nothing"):
        if path in ("/healthz", "/readyz"):
            continue
        for method in methods:
            for headers in ({}, {"Authorization": "Bearer sf_no_key"}):
                place = path.replace("{", "").replace("}", "")
                reply = httpx.request(method, f"{locked.url}{place}", headers=headers)
                assert reply.status_code == 401, (method, path)
                walked += 1
    assert walked > 50


def test_rights_decide_what_is_found(locked):
    for groups, found in ((("staff",), True), ((), False)):
        token = locked.key(user="anna", groups=groups)
        said = post(locked.url, "/v1/chat/completions", ASK, token).json()
        assert ("25th" in said["choices"][0]["message"]["content"]) is found
        hits = post(locked.url, "/v1/search", {"query": "salaries"}, token).json()["data"]
        assert any(hit["document_id"].startswith("staff/") for hit in hits) is found


def test_a_key_is_for_its_scopes_only(locked):
    token = locked.key("search")
    assert post(locked.url, "/v1/search", {"query": "x"}, token).status_code == 200
    refused = post(locked.url, "/v1/chat/completions", ASK, token)
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "scope"


def test_a_revoked_or_rotated_key_ends_at_once(locked):
    book = locked.tenant.keys
    key, token = book.create("x", ("search",), time.time_ns())
    assert post(locked.url, "/v1/search", {"query": "x"}, token).status_code == 200
    _, newer = book.rotate(key.id)
    assert post(locked.url, "/v1/search", {"query": "x"}, token).status_code == 401
    assert post(locked.url, "/v1/search", {"query": "x"}, newer).status_code == 200
    book.revoke(key.id, time.time_ns())
    assert post(locked.url, "/v1/search", {"query": "x"}, newer).status_code == 401


@pytest.mark.parametrize(
    ("limits", "code"),
    [(KeyLimits(requests=2), "rate"), (KeyLimits(tokens=1), "tokens")],
)
def test_limits_of_a_key_are_kept(locked, limits, code):
    book = locked.tenant.keys
    key, token = book.create("x", ("search",), time.time_ns())
    book.change(replace(key, limits=limits))
    replies = [post(locked.url, "/v1/search", {"query": "refunds"}, token) for _ in range(4)]
    assert replies[0].status_code == 200
    assert replies[-1].status_code == 429
    assert replies[-1].json()["error"]["code"] == code
    assert int(replies[-1].headers["Retry-After"]) >= 1


def test_alien_hosts_and_origins_are_refused(served):
    body = {"query": "refunds"}
    assert post(served.url, "/v1/search", body, Host="evil.example").status_code == 421
    assert post(served.url, "/v1/search", body, Origin="https://evil.example").status_code == 403
    assert post(served.url, "/v1/search", body, Origin=served.url).status_code == 200


def test_a_body_that_is_too_large_is_refused(tmp_path):
    with running(make_space(tmp_path / "house"), serve_body_mb=1) as small:
        told = post(small.url, "/v1/search", {"query": "x" * 1_100_000})
        assert told.status_code == 413

        def pieces():
            for _ in range(12):
                yield b"x" * 100_000

        untold = httpx.post(f"{small.url}/v1/search", content=pieces())
        assert untold.status_code == 413


def test_it_does_not_listen_beyond_loopback_without_a_key(tmp_path):
    from surefoot.config.settings import load_settings
    from surefoot.serve.tenants import Tenant, Tenants

    root = make_space(tmp_path / "house")
    settings = load_settings(workspace=root).settings
    settings = settings.model_copy(update={"host": "0.0.0.0", "port": 0})
    tenants = Tenants([Tenant(root)])
    with pytest.raises(ConfigError, match="no key"):
        serve(tenants, settings, keys=False, ready=print)
    tenants.close()


def test_too_many_requests_get_429_and_the_others_their_answer(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    with running(make_space(tmp_path / "house"), serve_workers=1, serve_queue=2) as narrow:
        with ThreadPoolExecutor(24) as pool:
            codes = list(
                pool.map(
                    lambda _: post(narrow.url, "/v1/search", {"query": "refunds"}).status_code,
                    range(96),
                )
            )
        assert set(codes) <= {200, 429}
        assert codes.count(200) >= 3
        assert 429 in codes


def test_the_key_decides_the_tenant(tmp_path):
    one, two = make_space(tmp_path / "one"), make_space(tmp_path / "two")
    (two / "docs" / "secret.md").write_text("# Plan\n\nThe canary sings at dawn.\n")
    import surefoot

    with surefoot.open(two) as space:
        space.sync()
    with running(one, two) as both:
        assert post(both.url, "/v1/search", {"query": "canary"}).status_code == 401
        tokens = [t.keys.create("k", ("search",), time.time_ns())[1] for t in both.tenants.all]
        found = [post(both.url, "/v1/search", {"query": "canary"}, token).text for token in tokens]
        assert "sings" not in found[0]
        assert "sings" in found[1]
