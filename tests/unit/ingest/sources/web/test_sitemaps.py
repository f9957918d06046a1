"""Sitemaps list pages; what is no sitemap, or a trap, is refused."""

from __future__ import annotations

import gzip

import pytest

from surefoot.core.errors import DataError
from surefoot.core.roles import SourceItem
from surefoot.ingest.sources.web import SitemapSettings, SitemapSource
from surefoot.ingest.sources.web.maps import read_map
from surefoot.testing.web_server import WebPage, WebServer, html

XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
IMAGES = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'


def urls(*pages, lastmod=""):
    told = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    listed = "".join(f"<url><loc> {page} </loc>{told}</url>" for page in pages)
    return f'<?xml version="1.0"?><urlset {XMLNS}>{listed}</urlset>'.encode()


def index(*maps):
    listed = "".join(f"<sitemap><loc>{one}</loc></sitemap>" for one in maps)
    return f"<sitemapindex {XMLNS}>{listed}</sitemapindex>".encode()


class TestReading:
    def test_pages_and_maps(self):
        assert read_map(urls("https://h/a", "https://h/b", lastmod="2026-01-02"), "m").pages == {
            "https://h/a": "2026-01-02",
            "https://h/b": "2026-01-02",
        }
        assert read_map(index("https://h/1.xml"), "m").maps == ("https://h/1.xml",)

    def test_packed_and_plain_lists(self):
        assert list(read_map(gzip.compress(urls("https://h/a")), "m").pages) == ["https://h/a"]
        plain = "\ufeffhttps://h/a\nno url\nhttps://h/河\n".encode()
        assert list(read_map(plain, "m").pages) == ["https://h/a", "https://h/河"]

    def test_images_of_a_page_are_no_pages(self):
        inner = "<image:image><image:loc>https://h/a.png</image:loc></image:image>"
        text = f"<urlset {XMLNS} {IMAGES}><url>{inner}<loc>https://h/a</loc></url></urlset>"
        assert list(read_map(text.encode(), "m").pages) == ["https://h/a"]

    @pytest.mark.parametrize(
        "body",
        [
            b"<html><p>not found</html>",
            b'<!DOCTYPE x [<!ENTITY a "b">]><urlset><url><loc>&a;</loc></url></urlset>',
            b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><urlset></urlset>',
            gzip.compress(b"\0" * 60_000_000, 1),
            b"\x1f\x8b broken",
            b"\n".join(b"https://h/%d" % n for n in range(50_001)),
        ],
        ids=["html", "entity", "external", "bomb", "damaged", "many"],
    )
    def test_what_is_no_sitemap_is_refused(self, body):
        with pytest.raises(DataError):
            read_map(body, "m")


@pytest.fixture
def web():
    with WebServer() as server:
        server.pages["/a"] = html("A\nThe Danube.", ETag='"1"')
        server.pages["/zh"] = html("河\n长江。", ETag='"1"')
        yield server


def source(web, base, path="/sitemap.xml", **options):
    settings = SitemapSettings(url=web.url(path), allow_private=True, delay_s=0, **options)
    return SitemapSource(settings, base, wait=lambda _: None)


def ids(found):
    return [item.id.partition("/")[2] for item in found if isinstance(item, SourceItem)]


def test_an_index_leads_to_maps_and_their_pages(web, tmp_path):
    web.pages["/sitemap.xml"] = WebPage(
        index(web.url("/1.xml"), web.url("/2.xml.gz"), web.url("/1.xml"))
    )
    web.pages["/1.xml"] = WebPage(urls(web.url("/a")))
    web.pages["/2.xml.gz"] = WebPage(gzip.compress(urls(web.url("/zh"), web.url("/a#part"))))
    assert ids(source(web, tmp_path).items()) == ["a", "zh"]


def test_a_start_page_asks_robots_txt_for_sitemaps(web, tmp_path):
    web.pages["/robots.txt"] = WebPage(b"Sitemap: /maps/all.xml")
    web.pages["/maps/all.xml"] = WebPage(urls(web.url("/zh")))
    assert ids(source(web, tmp_path, "/").items()) == ["zh"]


def test_a_page_whose_lastmod_is_as_before_is_not_asked_for(web, tmp_path):
    web.pages["/sitemap.xml"] = WebPage(urls(web.url("/a"), web.url("/zh"), lastmod="2026-01-02"))
    first = list(source(web, tmp_path).items())
    web.asked.clear()
    again = list(source(web, tmp_path).items())
    assert web.paths == ["/robots.txt", "/sitemap.xml"]
    assert [item.fingerprint for item in again] == [item.fingerprint for item in first]
    web.pages["/sitemap.xml"] = WebPage(urls(web.url("/a"), web.url("/zh"), lastmod="2026-01-03"))
    list(source(web, tmp_path).items())
    assert {"/a", "/zh"} <= set(web.paths)


def test_other_hosts_and_paths_are_left_out_and_counted(web, tmp_path):
    pages = (web.url("/a"), "http://other.example/x", "ftp://h/x", web.url("/zh"), web.url("/none"))
    web.pages["/sitemap.xml"] = WebPage(urls(*pages))
    made = source(web, tmp_path, exclude=("none",), max_pages=1)
    assert ids(made.items()) == ["a"]
    notes = "\n".join(made.notes())
    assert "1 pages left out (on another host)" in notes
    assert "1 pages left out (no http address)" in notes
    assert "1 pages left out (more than max_pages)" in notes
    assert "allow_private" in notes


@pytest.mark.parametrize("status", [404, 403, 500])
def test_without_the_list_everything_stays(web, tmp_path, status):
    web.pages["/sitemap.xml"] = WebPage(b"", status)
    (problem,) = source(web, tmp_path).items()
    assert problem.keep
    assert problem.id == problem.source
