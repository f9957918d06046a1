"""Listed URLs are read when they changed; gone ones go, ones out of reach stay as they were."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from surefoot.config.solution import Limits
from surefoot.core.errors import TransientError
from surefoot.core.roles import SourceItem, SourceProblem
from surefoot.ingest.extract.read import read_file
from surefoot.ingest.sources.web import UrlSettings, UrlSource
from surefoot.testing.web_server import WebPage, WebServer, html, moved


@pytest.fixture
def web():
    with WebServer() as server:
        server.pages["/a"] = html("Rivers\nThe Danube is long.", ETag='"1"')
        server.pages["/zh"] = html("河流\n长江很长。")
        yield server


@pytest.fixture
def listed(web, tmp_path):
    def source(*paths, **options):
        urls = tuple(path if "//" in path else web.url(path) for path in paths)
        options = {"allow_private": True, "delay_s": 0, **options}
        return UrlSource(UrlSettings(urls=urls, **options), tmp_path, wait=lambda _: None)

    return source


def loaded(item, tmp_path):
    folder = tmp_path / "loaded"
    folder.mkdir(exist_ok=True)
    return item.load(folder)


def test_pages_become_items_with_their_url_and_facts(web, listed, tmp_path):
    web.pages["/zh"] = html("河流\n长江很长。", Last_Modified="Mon, 02 Feb 2026 10:00:00 GMT")
    english, chinese = listed("/a", "/zh", "/a#part", name="pages", meta={"team": "ops"}).items()
    assert (english.id, english.uri) == (f"pages/{web.host}/a", web.url("/a"))
    assert dict(english.meta) == {"team": "ops"}
    assert chinese.facts["modified"] == "2026-02-02"
    assert set(english.facts) == {"url", "fetched"}
    path = loaded(chinese, tmp_path)
    assert path.name == "zh.html"
    read = read_file(path, Limits())
    assert (read.title, "长江很长。" in read.text) == ("河流", True)


def test_unchanged_pages_are_not_sent_again(web, listed):
    before = [item.fingerprint for item in listed("/a", "/zh").items()]
    web.asked.clear()
    assert [item.fingerprint for item in listed("/a", "/zh").items()] == before
    assert web.asked[web.paths.index("/a")][1]["if-none-match"] == '"1"'
    web.pages["/a"] = html("Rivers\nThe Rhine is shorter.", ETag='"2"')
    after = [item.fingerprint for item in listed("/a", "/zh").items()]
    assert (after[0] == before[0], after[1] == before[1]) == (False, True)


def test_content_is_asked_for_once_while_it_is_kept(web, listed, tmp_path):
    list(listed("/a").items())
    (item,) = listed("/a").items()
    web.asked.clear()
    first = loaded(item, tmp_path).read_bytes()
    assert web.paths == []
    assert loaded(item, tmp_path).read_bytes() == first
    assert web.paths == ["/a"]
    assert "if-none-match" not in web.asked[0][1]


@pytest.mark.parametrize(
    ("page", "keeps"),
    [
        (WebPage(b"", 404), False),
        (WebPage(b"", 410), False),
        (WebPage(b"", 500), True),
        (WebPage(b"", 503), True),
        (WebPage(b"", 403), True),
        (moved("http://169.254.169.254/"), False),
    ],
)
def test_gone_pages_go_and_those_out_of_reach_stay(web, listed, page, keeps):
    list(listed("/a", "/zh").items())
    web.pages["/a"] = page
    problem, other = listed("/a", "/zh").items()
    assert isinstance(problem, SourceProblem)
    assert (problem.keep, problem.id) == (keeps, f"web/{web.host}/a")
    assert problem.reason
    assert isinstance(other, SourceItem)


def test_private_machines_are_refused_unless_said_and_then_noted(web, listed):
    guarded = listed("/a", allow_private=False)
    (problem,) = guarded.items()
    assert "is this machine" in problem.reason
    assert "allow_private" in problem.hint
    assert web.paths == []
    assert guarded.notes() == ()
    assert "private networks" in listed("/a").notes()[0]


def test_the_encoding_of_the_header_counts(web, listed, tmp_path):
    text = (
        "<html><head><title>河流</title></head><body><p>长江全长约六千三百公里。</p></body></html>"
    )
    web.pages["/gb"] = WebPage(text.encode("gb18030"), type="text/html; charset=GB2312")
    web.pages["/txt"] = WebPage("黃河".encode("big5"), type="text/plain; charset=big5")
    page, note = listed("/gb", "/txt").items()
    assert "长江全长约六千三百公里" in read_file(loaded(page, tmp_path), Limits()).text
    assert read_file(loaded(note, tmp_path), Limits()).text.strip() == "黃河"


def test_the_type_names_a_file_without_suffix(web, listed, tmp_path):
    web.pages["/get?id=1"] = WebPage(b"%PDF-1.4\n", type="application/pdf")
    (item,) = listed("/get?id=1").items()
    assert loaded(item, tmp_path).name == "get.pdf"


def test_a_page_gone_between_listing_and_reading_is_told(web, listed, tmp_path):
    (item,) = listed("/a").items()
    loaded(item, tmp_path)
    web.pages["/a"] = WebPage(b"", 403)
    with pytest.raises(TransientError, match="403"):
        loaded(item, tmp_path)


def test_a_file_lists_urls(web, tmp_path):
    lines = f"\ufeff# pages\n{web.url('/a')} # rivers\n\nftp://h/x\n{web.url('/zh')}\n"
    (tmp_path / "urls.txt").write_text(lines, encoding="utf-8")
    settings = UrlSettings(file="urls.txt", allow_private=True, delay_s=0)
    found = list(UrlSource(settings, tmp_path).items())
    assert [one.uri for one in found] == ["urls.txt:4", web.url("/a"), web.url("/zh")]
    assert UrlSource(settings, tmp_path).addresses == [web.url("/a"), web.url("/zh")]


@pytest.mark.parametrize("urls", [(), ("ftp://h/x",), ("http://ann:hunter2@h.example/",)])
def test_settings_want_addresses_without_passwords(urls):
    with pytest.raises(ValidationError) as refused:
        UrlSettings(urls=urls)
    assert "hunter2" not in str(refused.value.errors()[0]["msg"])


def test_what_is_kept_may_be_lost(web, listed, tmp_path):
    before = [item.fingerprint for item in listed("/a").items()]
    for path in (tmp_path / ".surefoot/web").rglob("*"):
        if path.is_file():
            path.unlink()
    assert [item.fingerprint for item in listed("/a").items()] == before
