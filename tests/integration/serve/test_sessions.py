"""Browsers sign in for a session; what another server of the host is sent opens nothing for long and is no key."""

import time

import httpx
import pytest
from serving import make_space, running

PLACE = "/ui/ask"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return make_space(tmp_path_factory.mktemp("sessions") / "house")


def sign_in(client, key):
    reply = client.post("/ui/enter", data={"key": key})
    assert reply.status_code == 303
    return reply


def is_in(client, url=""):
    return client.get(f"{url}{PLACE}").status_code == 200


def test_the_cookie_is_no_key_and_no_script_reads_it(root):
    with running(root, keys=True) as served, httpx.Client(base_url=served.url) as client:
        key = served.key("ask", "search")
        cookie = sign_in(client, key).headers["set-cookie"]
        assert cookie.startswith(f"surefoot_session_{client.base_url.port}=")
        assert key not in cookie and key.rpartition("_")[2] not in cookie
        for word in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=86400"):
            assert word in cookie
        assert "Secure" not in cookie
        assert is_in(client)
        value = cookie.partition("=")[2].partition(";")[0]
        bearer = httpx.get(f"{served.url}/v1/models", headers={"authorization": f"Bearer {value}"})
        assert bearer.status_code == 401


def test_two_servers_of_one_host_keep_a_session_each(root, tmp_path):
    other = make_space(tmp_path / "other")
    with (
        running(root, keys=True) as one,
        running(other, keys=True) as two,
        httpx.Client() as client,
    ):
        for served in (one, two):
            entered = client.post(f"{served.url}/ui/enter", data={"key": served.key("ask")})
            assert entered.status_code == 303
        assert is_in(client, one.url) and is_in(client, two.url)
        assert len(client.cookies) == 2


@pytest.mark.parametrize("how", ["sign out", "revoke", "rotate"])
def test_a_session_ends_with_a_click_or_with_its_key(root, how):
    with running(root, keys=True) as served, httpx.Client(base_url=served.url) as client:
        sign_in(client, served.key("ask"))
        kept = dict(client.cookies)
        assert is_in(client)
        book = served.tenant.keys
        key = [one for one in book.all() if one.revoked_ns is None][-1]
        if how == "sign out":
            client.post("/ui/leave")
        elif how == "revoke":
            book.revoke(key.id, time.time_ns())
        else:
            book.rotate(key.id)
        client.cookies.update(kept)
        assert not is_in(client)


def test_a_restart_ends_it(root):
    with running(root, keys=True) as served:
        key = served.key("ask")
        with httpx.Client(base_url=served.url) as client:
            value = sign_in(client, key).headers["set-cookie"].partition("=")[2].partition(";")[0]
    with running(root, keys=True) as again, httpx.Client(base_url=again.url) as client:
        client.cookies.set(f"surefoot_session_{client.base_url.port}", value)
        assert not is_in(client)
        client.cookies.clear()
        sign_in(client, key)
        assert is_in(client)
