"""Sources on the web keep what every source promises."""

from __future__ import annotations

import pytest

from surefoot.ingest.sources.web import (
    SitemapSettings,
    SitemapSource,
    SiteSettings,
    SiteSource,
    UrlSettings,
    UrlSource,
)
from surefoot.testing.contracts_source import SourceContract
from surefoot.testing.web_server import WebPage, WebServer, html

OPEN = {"allow_private": True, "delay_s": 0, "timeout_s": 1}


@pytest.fixture(scope="module")
def web():
    site = {
        "/": html("Rivers\nThe Danube is long.", "/zh", "/none", ETag='"1"'),
        "/zh": html("河流\n长江很长。", Last_Modified="Mon, 02 Feb 2026 10:00:00 GMT"),
    }
    with WebServer(site) as server:
        listed = "".join(f"<url><loc>{server.url(path)}</loc></url>" for path in site)
        server.pages["/sitemap.xml"] = WebPage(f"<urlset>{listed}</urlset>".encode())
        server.pages["/robots.txt"] = WebPage(b"User-agent: *\nDisallow: /closed")
        server.pages["/shut"] = WebPage(b"login", status=403)
        yield server


class TestUrl(SourceContract):
    @pytest.fixture
    def make(self, tmp_path, web):
        urls = (web.url("/"), web.url("/zh"), web.url("/gone"))
        return lambda **more: UrlSource(UrlSettings(urls=urls, **OPEN, **more), tmp_path)

    @pytest.fixture
    def broken(self, tmp_path):
        return UrlSource(UrlSettings(file="none.txt"), tmp_path)


class TestSitemap(SourceContract):
    @pytest.fixture
    def make(self, tmp_path, web):
        url = web.url("/sitemap.xml")
        return lambda **more: SitemapSource(SitemapSettings(url=url, **OPEN, **more), tmp_path)

    @pytest.fixture
    def broken(self, tmp_path, web):
        return SitemapSource(SitemapSettings(url=web.url("/none.xml"), **OPEN), tmp_path)


class TestSite(SourceContract):
    @pytest.fixture
    def make(self, tmp_path, web):
        start = (web.url(),)
        return lambda **more: SiteSource(SiteSettings(start=start, **OPEN, **more), tmp_path)

    @pytest.fixture
    def broken(self, tmp_path, web):
        return SiteSource(SiteSettings(start=(web.url("/shut"),), **OPEN), tmp_path)
