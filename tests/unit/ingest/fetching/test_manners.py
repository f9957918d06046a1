"""robots.txt is obeyed, and no host is asked more often than it likes."""

from __future__ import annotations

import pytest

from surefoot.ingest.fetching import Fetcher, Forbidden, Limits, Manners, Refused
from surefoot.testing.web_server import WebPage, WebServer

RULES = b"""User-agent: *
Disallow: /closed
Disallow: /*.pdf$
Allow: /closed/open
Crawl-delay: 3

User-agent: other
Disallow: /

Sitemap: /map.xml
"""


@pytest.fixture
def web():
    with WebServer({"/robots.txt": WebPage(RULES, type="text/plain")}) as server:
        yield server


class Clock:
    def __init__(self):
        self.now = 0.0
        self.waits = []

    def __call__(self):
        return self.now

    def wait(self, seconds):
        self.waits.append(round(seconds, 3))
        self.now += seconds


def manners(clock, agent="surefoot/1", robots=True, delay_s=1.0):
    fetcher = Fetcher(agent, Limits(timeout_s=1), private=True, wait=lambda _: None)
    return Manners(fetcher, agent, delay_s=delay_s, robots=robots, wait=clock.wait, clock=clock)


def test_what_robots_txt_forbids_is_left_alone(web):
    ask = manners(Clock())
    ask(web.url("/open"))
    ask(web.url("/closed/open"))
    ask(web.url("/a.pdf?x"))
    for path in ("/closed", "/closed/x", "/a.pdf"):
        with pytest.raises(Forbidden):
            ask(web.url(path))
    assert web.paths == ["/robots.txt"]
    assert ask.sitemaps(web.url("/")) == ["/map.xml"]


def test_other_names_have_other_rules(web):
    with pytest.raises(Forbidden):
        manners(Clock(), "other")(web.url("/open"))
    manners(Clock(), "other", robots=False)(web.url("/open"))


def test_crawl_delay_is_kept(web):
    clock = Clock()
    ask = manners(clock)
    ask(web.url("/a"))
    ask(web.url("/b"))
    clock.now += 2
    ask(web.url("/c"))
    assert clock.waits == [3.0, 1.0]


def test_hosts_are_asked_at_their_own_rate():
    clock = Clock()
    ask = manners(clock, robots=False, delay_s=2.0)
    for url in ("http://a.example/1", "http://b.example/1", "http://a.example/2"):
        ask(url)
    assert clock.waits == [2.0]


@pytest.mark.parametrize("status", [404, 401, 403])
def test_without_robots_txt_everything_may_be_read(web, status):
    web.pages["/robots.txt"] = WebPage(b"", status)
    manners(Clock())(web.url("/closed"))


def test_while_robots_txt_cannot_be_read_nothing_is(web):
    web.pages["/robots.txt"] = WebPage(b"", 503)
    ask = manners(Clock())
    for _ in range(2):
        with pytest.raises(Refused, match="of the site is out of reach"):
            ask(web.url("/open"))
    assert web.paths == ["/robots.txt"] * 3
