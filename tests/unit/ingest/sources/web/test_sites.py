"""A site is read along its links, within its limits; what it asks for is done."""

from __future__ import annotations

import pytest

from surefoot.core.roles import SourceItem, SourceProblem
from surefoot.ingest.sources.web import SiteSettings, SiteSource
from surefoot.testing.web_server import WebPage, WebServer, html, moved


@pytest.fixture
def web():
    with WebServer() as server:
        server.pages["/docs/"] = html(
            "Start\nWelcome.", "a", "/docs/zh", "/blog/x", "http://o.example/"
        )
        server.pages["/docs/a"] = html(
            "A\nThe Danube.", "a/b", "/docs/#top", "/docs/pic.png", "mailto:x"
        )
        server.pages["/docs/a/b"] = html("B\nThe Rhine.", "/docs/")
        server.pages["/docs/zh"] = html("河流\n长江很长。", "/docs/河")
        server.pages["/docs/%E6%B2%B3"] = html("河\n黄河。")
        yield server


@pytest.fixture
def site(web, tmp_path):
    def source(start="/docs/", **options):
        return SiteSource(
            SiteSettings(start=(web.url(start),), allow_private=True, delay_s=0, **options),
            tmp_path,
            wait=lambda _: None,
        )

    return source


def ids(found):
    return [one.id.partition("/")[2] for one in found if isinstance(one, SourceItem)]


def problems(found):
    return [one for one in found if isinstance(one, SourceProblem)]


def test_links_are_followed_below_the_start_page(web, site):
    assert ids(site().items()) == ["docs/", "docs/a", "docs/zh", "docs/a/b", "docs/河"]
    assert "/blog/x" not in web.paths
    assert "/docs/pic.png" not in web.paths
    assert len(set(web.paths)) == len(web.paths)


def test_depth_and_number_are_limits_that_are_told(site):
    assert ids(site(max_depth=1).items()) == ["docs/", "docs/a", "docs/zh"]
    assert ids(site(exclude=("docs/zh",)).items()) == ["docs/", "docs/a", "docs/a/b"]
    assert ids(site(include=("docs/", "docs/a*")).items()) == ["docs/", "docs/a"]
    small = site(max_pages=2)
    assert ids(small.items()) == ["docs/", "docs/a"]
    assert any("max_pages = 2" in note for note in small.notes())


def test_prefixes_widen_the_site(web, site):
    web.pages["/blog/x"] = html("X\nText.")
    assert "blog/x" in ids(site(prefixes=(web.url("/docs/"), web.url("/blog/"))).items())


def test_robots_txt_and_meta_robots_are_obeyed(web, site):
    web.pages["/robots.txt"] = WebPage(b"User-agent: *\nDisallow: /docs/zh")
    web.pages["/docs/a"] = html("A\nHidden.", "a/b", head='<meta name="robots" content="noindex">')
    made = site()
    assert ids(made.items()) == ["docs/", "docs/a/b"]
    assert "/docs/zh" not in web.paths
    assert any("robots.txt" in note for note in made.notes())
    assert any("not to be indexed" in note for note in made.notes())
    web.pages["/docs/a"] = html("A\nShown.", "a/b", head='<meta name="ROBOTS" content="nofollow">')
    assert ids(site().items()) == ["docs/", "docs/a"]


def test_unchanged_pages_lend_their_links(web, site):
    for path in ("/docs/", "/docs/a"):
        page = web.pages[path]
        web.pages[path] = WebPage(page.body, headers={"ETag": '"1"'})
    first = [(one.id, one.fingerprint) for one in site().items()]
    again = [(one.id, one.fingerprint) for one in site().items()]
    assert again == first
    assert len(first) == 5


def test_a_page_out_of_reach_keeps_itself_and_what_lies_behind(web, site):
    before = ids(site().items())
    web.pages["/docs/a"] = WebPage(b"", 500)
    found = list(site().items())
    (problem,) = problems(found)
    assert (problem.keep, problem.id.partition("/")[2]) == (True, "docs/a")
    assert {*ids(found), "docs/a"} == set(before)


def test_a_start_page_out_of_reach_keeps_everything(web, site, tmp_path):
    before = set(ids(site().items()))
    web.pages["/docs/"] = WebPage(b"", 500)
    assert {*ids(site().items()), "docs/"} == before
    (tmp_path / "else").mkdir()
    fresh = SiteSource(
        SiteSettings(start=(web.url("/docs/"),), allow_private=True),
        tmp_path / "else",
        wait=lambda _: None,
    )
    (problem,) = fresh.items()
    assert (problem.keep, problem.id) == (True, fresh.name)


def test_a_dead_site_is_not_asked_page_by_page(web, site):
    list(site().items())
    for path in web.pages:
        web.pages[path] = WebPage(b"", 500)
    web.asked.clear()
    found = list(site().items())
    assert all(problem.keep for problem in problems(found))
    assert problems(found)[-1].id == site().name
    assert len(web.paths) < 15


def test_dead_links_are_no_problem_but_a_dead_start_is(web, site):
    list(site().items())
    del web.pages["/docs/a"]
    found = list(site().items())
    assert ids(found) == ["docs/", "docs/zh", "docs/河"]
    assert problems(found) == []
    del web.pages["/docs/"]
    (problem,) = problems(site().items())
    assert (problem.keep, "404" in problem.reason) == (False, True)


def test_redirects_and_canonical_links_make_one_page_of_copies(web, site):
    web.pages["/docs/a"] = moved("/docs/zh", 301)
    canonical = f'<link rel="canonical" href="{web.url("/docs/main")}">'
    web.pages["/docs/zh"] = html("河流\n长江很长。", "print", "main", head=canonical)
    web.pages["/docs/print"] = html("河流\n长江很长。", head=canonical)
    web.pages["/docs/main"] = html("河流\n长江很长。", head=canonical)
    made = site()
    assert ids(made.items()) == ["docs/", "docs/main"]
    assert any("as the original" in note for note in made.notes())


def test_a_page_whose_original_is_dead_stands_for_itself(web, site):
    head = f'<link rel="canonical" href="{web.url("/docs/dead")}">'
    web.pages["/docs/a"] = html("A\nThe Danube.", head=head)
    assert "docs/a" in ids(site().items())


def test_links_out_of_the_site_are_not_followed_by_redirect(web, site):
    web.pages["/docs/a"] = moved("/private/x")
    web.pages["/private/x"] = html("Secret\nText.")
    made = site()
    assert "private/x" not in ids(made.items())
    assert any("lead out of the site" in note for note in made.notes())
    web.pages["/docs/"] = moved("/private/x")
    (problem,) = problems(site().items())
    assert web.url("/private/x") in problem.hint


def test_other_types_and_private_redirects_are_left_out(web, site):
    web.pages["/docs/a"] = WebPage(b"0000", type="video/mp4")
    web.pages["/docs/zh"] = moved("http://169.254.169.254/latest/")
    made = site()
    found = list(made.items())
    assert ids(found) == ["docs/"]
    assert "credentials" in problems(found)[0].reason
    assert any("video/mp4" in note for note in made.notes())
