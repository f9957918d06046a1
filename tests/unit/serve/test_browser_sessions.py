"""Sessions end with their time and their key, and are not kept without bound."""

from dataclasses import replace

import pytest
from starlette.requests import Request
from starlette.responses import Response

from surefoot.serve.sessions import SESSION_S, Sessions, cookie_name, seat
from surefoot.store.keys import ApiKey

KEY = ApiKey("k1", "test", "hash", ("ask",), 0)
END = SESSION_S * 10**9


def request(scheme: str, host: str) -> Request:
    return Request(
        {
            "type": "http",
            "scheme": scheme,
            "path": "/ui",
            "query_string": b"",
            "headers": [(b"host", host.encode())],
            "server": ("127.0.0.1", 1),
        }
    )


def test_it_is_good_for_a_day_and_for_the_same_secret() -> None:
    sessions = Sessions()
    found = sessions.find(sessions.begin("house", KEY, 0))
    assert found is not None
    assert found.holds(KEY, END - 1)
    assert not found.holds(KEY, END)
    assert not found.holds(replace(KEY, hashed="another"), 0)
    assert not found.holds(replace(KEY, revoked_ns=1), 2)
    assert sessions.find("something") is None


def test_the_oldest_and_the_ended_go() -> None:
    sessions = Sessions(most=2)
    ids = [sessions.begin("house", KEY, n) for n in range(3)]
    assert [sessions.find(id) is not None for id in ids] == [False, True, True]
    last = sessions.begin("house", KEY, END + 5)
    assert [sessions.find(id) is not None for id in (*ids, last)] == [False, False, False, True]
    assert last not in repr(sessions._held)


@pytest.mark.parametrize(
    ("scheme", "host", "port"),
    [
        ("http", "127.0.0.1:8321", 8321),
        ("http", "localhost", 80),
        ("https", "docs.example", 443),
        ("http", "[::1]:9", 9),
    ],
)
def test_it_is_called_after_the_port_and_secure_over_https(scheme, host, port) -> None:
    asked, reply = request(scheme, host), Response()
    assert cookie_name(asked) == f"surefoot_session_{port}"
    seat(reply, asked, "x")
    assert ("Secure" in reply.headers["set-cookie"]) == (scheme == "https")
