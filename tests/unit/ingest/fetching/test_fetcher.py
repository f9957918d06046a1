"""Pages are fetched from the address that was looked at, within limits, and not from machines of this network."""

from __future__ import annotations

import gzip
import time

import pytest

from surefoot.core.errors import DataError, TransientError
from surefoot.ingest.fetching import (
    Ask,
    Denied,
    Fetcher,
    Gone,
    Limits,
    NotAnAddress,
    Refused,
    Seen,
    WrongType,
)
from surefoot.testing.web_server import WebPage, WebServer, moved


@pytest.fixture(scope="module")
def web():
    with WebServer() as server:
        yield server


@pytest.fixture
def waited():
    return []


@pytest.fixture
def fetcher(waited):
    return Fetcher("test", Limits(max_bytes=10_000, timeout_s=1), private=True, wait=waited.append)


class TestWhoIsAsked:
    @pytest.fixture
    def guarded(self):
        return Fetcher("test", Limits(timeout_s=1), wait=lambda _: None)

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "[::1]"]
    )
    def test_this_machine_is_not(self, guarded, web, host):
        web.asked.clear()
        port = web.host.rpartition(":")[2]
        with pytest.raises((Denied, TransientError)):
            guarded.fetch(f"http://{host}:{port}/")
        assert web.asked == []

    @pytest.mark.parametrize(
        "host", ["[::ffff:127.0.0.1]", "169.254.169.254", "[::ffff:a9fe:a9fe]"]
    )
    def test_mapped_and_metadata_addresses_are_not(self, guarded, host):
        with pytest.raises(Denied, match="must not be asked"):
            guarded.fetch(f"http://{host}/latest/meta-data/")

    def test_metadata_is_not_even_where_private_networks_are(self, fetcher):
        with pytest.raises(Denied):
            fetcher.fetch("http://169.254.169.254/latest/meta-data/")

    def test_a_name_of_a_private_machine_is_not(self, web):
        asked = []

        def resolve(host, port):
            asked.append(host)
            return ["10.0.0.8", "127.0.0.1"]

        with pytest.raises(Denied, match="allow_private"):
            Fetcher("test", resolve=resolve).fetch("http://intranet.example/")
        assert asked == ["intranet.example"]

    def test_a_name_is_resolved_once_and_looked_at_each_time(self, web):
        """DNS rebinding: what is looked at is what is connected to, and a later answer is looked at anew."""
        web.pages["/bound"] = WebPage(b"ok")
        answers = iter([["127.0.0.1"], ["169.254.169.254"], ["never asked for"]])
        fetcher = Fetcher("test", private=True, resolve=lambda host, port: next(answers))
        url = f"http://rebind.example:{web.host.rpartition(':')[2]}/bound"
        assert fetcher.fetch(url).body == b"ok"
        with pytest.raises(Denied):
            fetcher.fetch(url)
        assert next(answers) == ["never asked for"]

    def test_a_host_keeps_its_name_at_the_pinned_address(self, web):
        web.pages["/named"] = WebPage(b"ok")
        port = int(web.host.rpartition(":")[2])
        fetcher = Fetcher("test", private=True, resolve=lambda host, port: ["127.0.0.1"])
        assert fetcher.fetch(f"http://docs.example:{port}/named").body == b"ok"
        assert web.asked[-1][1]["host"] == f"docs.example:{port}"

    def test_each_redirect_is_looked_at_anew(self, web):
        web.pages["/out"] = moved(f"http://inner.example:{web.host.rpartition(':')[2]}/secret")
        web.pages["/secret"] = WebPage(b"secret")
        seen = {"open.example": ["127.0.0.1"], "inner.example": ["169.254.169.254"]}
        fetcher = Fetcher("test", private=True, resolve=lambda host, port: seen[host])
        with pytest.raises(Denied):
            fetcher.fetch(f"http://open.example:{web.host.rpartition(':')[2]}/out")
        assert web.paths[-1] == "/out"

    @pytest.mark.parametrize(
        "to", ["file:///etc/passwd", "ftp://h.example/", "http://ann:pw@h.example/", "javascript:1"]
    )
    def test_redirects_to_anything_else_are_refused(self, web, fetcher, to):
        web.pages["/odd"] = moved(to)
        with pytest.raises(NotAnAddress):
            fetcher.fetch(web.url("/odd"))

    def test_names_that_do_not_resolve_are_out_of_reach(self, waited):
        def resolve(host, port):
            raise OSError("no such name")

        with pytest.raises(TransientError, match="no such name"):
            Fetcher("test", resolve=resolve, wait=waited.append).fetch("http://none.example/")
        assert waited == [0.5, 1.0]


class TestWhatComes:
    def test_headers_and_content_after_redirects(self, web, fetcher):
        web.pages["/a"] = moved("/b", 301)
        web.pages["/b"] = WebPage("河流".encode(), type="Text/HTML; charset=UTF-8")
        found = fetcher.fetch(web.url("/a"))
        assert (found.url, found.type, found.body.decode()) == (web.url("/b"), "text/html", "河流")
        assert {"cookie", "authorization"}.isdisjoint(web.asked[-1][1])

    def test_unchanged_pages_send_nothing(self, web, fetcher):
        web.pages["/tag"] = WebPage(b"text", headers={"ETag": '"1"'})
        assert fetcher.fetch(web.url("/tag")).fresh
        again = fetcher.fetch(web.url("/tag"), Ask(Seen(etag='"1"')))
        assert (again.fresh, again.body) == (False, b"")

    def test_packed_pages_are_unpacked(self, web, fetcher):
        packed = {"Content-Encoding": "gzip"}
        web.pages["/gz"] = WebPage(gzip.compress(b"x" * 5000), headers=packed)
        assert fetcher.fetch(web.url("/gz")).body == b"x" * 5000

    @pytest.mark.parametrize(
        ("page", "reason"),
        [
            (WebPage(b"x" * 10_001), "larger than 10,000"),
            (
                WebPage(gzip.compress(b"\0" * 9_000_000), headers={"Content-Encoding": "gzip"}),
                "larger",
            ),
            (WebPage(b"no gzip", headers={"Content-Encoding": "gzip"}), "damaged"),
            (WebPage(b"x", headers={"Content-Encoding": "br"}), "packed as 'br'"),
            (moved("/bad"), "leads on more than 5 times"),
        ],
    )
    def test_what_is_too_much_is_refused(self, web, fetcher, page, reason):
        web.pages["/bad"] = page
        with pytest.raises(DataError, match=reason):
            fetcher.fetch(web.url("/bad"))

    def test_types_that_are_not_read_are_not_taken(self, web, fetcher):
        web.pages["/clip"] = WebPage(b"0", type="video/mp4")
        with pytest.raises(WrongType, match="video/mp4"):
            fetcher.fetch(web.url("/clip"), Ask(types=("text/*",)))

    @pytest.mark.parametrize(
        ("status", "kind"),
        [(404, Gone), (410, Gone), (401, Refused), (403, Refused), (400, Refused)],
    )
    def test_a_refusal_is_not_tried_again(self, web, fetcher, waited, status, kind):
        web.pages["/no"] = WebPage(b"", status)
        with pytest.raises(kind):
            fetcher.fetch(web.url("/no"))
        assert waited == []


class TestOutOfReach:
    def test_busy_servers_are_asked_again_when_they_say(self, web, fetcher, waited):
        def busy_once(request):
            web.pages["/busy"] = WebPage(b"now")
            request.send_response(429)
            request.send_header("Retry-After", "7")
            request.send_header("Content-Length", "0")
            request.end_headers()

        web.pages["/busy"] = busy_once
        assert fetcher.fetch(web.url("/busy")).body == b"now"
        assert waited == [7.0]

    def test_a_host_that_fails_often_is_left_alone(self, web, fetcher, waited):
        web.pages["/ill"] = WebPage(b"", 500)
        for _ in range(3):
            with pytest.raises(TransientError, match="status 500"):
                fetcher.fetch(web.url("/ill"))
        web.asked.clear()
        with pytest.raises(TransientError, match="as pages before"):
            fetcher.fetch(web.url("/other"))
        assert web.asked == []
        assert fetcher.is_down(web.url("/other"))

    @pytest.mark.parametrize("part", ["headers", "body"])
    def test_who_drips_is_cut_off(self, web, part):
        def drip(request):
            request.wfile.write(b"HTTP/1.1 200 OK\r\n")
            if part == "body":
                request.wfile.write(b"Content-Length: 1000\r\n\r\n")
            try:
                for _ in range(100):
                    request.wfile.write(b"X-A: b\r\n" if part == "headers" else b"x")
                    request.wfile.flush()
                    time.sleep(0.02)
            except OSError:
                request.close_connection = True

        web.pages["/drip"] = drip
        fetcher = Fetcher("test", Limits(timeout_s=0.1, attempts=1), private=True)
        with pytest.raises(TransientError):
            fetcher.fetch(web.url("/drip"))

    def test_a_connection_that_breaks_is_out_of_reach(self, web, fetcher, waited):
        def break_off(request):
            request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
            request.close_connection = True

        web.pages["/torn"] = break_off
        with pytest.raises(TransientError):
            fetcher.fetch(web.url("/torn"))
        assert len(waited) == 2
