"""A site becomes a workspace's documents, cited by their URLs, and stays in step with them; a kill loses nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.run.workspace import open_workspace
from surefoot.testing.web_server import WebPage, WebServer, html

pytestmark = pytest.mark.slow

SOLUTION = """schema = 1
[corpus]
sources = [{sources}]
embed = {{ kind = "hash", dimensions = 64 }}
[[stages]]
kind = "search"
[[stages]]
kind = "quote"
refuse = {{ threshold = 0.0 }}
"""
ZH = (
    "<html><head><title>河流指南</title></head><body><h1>河流指南</h1>"
    "<p>长江全长约六千三百公里，是亚洲最长的河流。</p></body></html>"
)


@pytest.fixture
def web():
    with WebServer() as server:
        server.pages["/docs/"] = html(
            "River guide\nThe Danube is 2850 km long.", "zh", "old", ETag='"1"'
        )
        server.pages["/docs/zh"] = WebPage(ZH.encode("gb18030"), type="text/html; charset=gb18030")
        server.pages["/docs/old"] = html("Old page\nThe Rhine has 1233 km.")
        yield server


def workspace(root, sources=""):
    root.mkdir(exist_ok=True)
    (root / "surefoot.toml").write_text(SOLUTION.format(sources=sources), encoding="utf-8")
    return surefoot.open(root)


def site(web, path="/docs/"):
    start = f'start = ["{web.url(path)}"]'
    return f'{{ kind = "site", name = "guide", allow_private = true, delay_s = 0, {start} }}'


def test_pages_are_answered_from_and_cited_by_url(web, tmp_path):
    with workspace(tmp_path, site(web)) as space:
        assert space.sync().added == 3
        english, chinese = space.ask("How long is the Danube?"), space.ask("长江全长多少公里？")
        assert "2850" in english.text
        assert english.citations[0].chunk.document_id == "guide/docs/"
        assert "六千三百公里" in chinese.text
        assert chinese.citations[0].chunk.document_id == "guide/docs/zh"
        made = {document.id: document for document in space.documents()}
        assert made["guide/docs/zh"].title == "河流指南"
        assert made["guide/docs/zh"].uri == web.url("/docs/zh")
        assert made["guide/docs/"].meta["url"] == web.url("/docs/")


def test_what_changes_goes_or_is_out_of_reach_is_followed(web, tmp_path):
    with workspace(tmp_path, site(web)) as space:
        space.sync()
        version = space.resources.index().version()
        again = space.sync()
        assert (again.unchanged, again.added, again.changed) == (3, 0, 0)
        assert space.resources.index().version() == version
        web.pages["/docs/"] = html(
            "River guide\nThe Danube is 2860 km long.", "zh", "old", ETag='"2"'
        )
        web.pages["/docs/old"] = WebPage(b"", 410)
        web.pages["/docs/zh"] = WebPage(b"", 403)
        assert space.plan().changed == ("guide/docs/",)
        assert space.plan().removed == ("guide/docs/old",)
        report = space.sync()
        assert (report.changed, report.removed) == (1, 1)
        assert [problem.id for problem in report.problems] == ["guide/docs/zh"]
        assert any("private networks" in note for note in report.notes)
        assert "2860" in space.ask("How long is the Danube?").text
        assert "六千三百公里" in space.ask("长江全长多少公里？").text


def test_add_takes_urls_and_sites(web, tmp_path, monkeypatch, capsys):
    workspace(tmp_path).close()
    monkeypatch.chdir(tmp_path)
    web.pages["/sitemap.xml"] = WebPage(
        f"<urlset><url><loc>{web.url('/docs/')}</loc></url></urlset>".encode()
    )

    assert run(["add", web.url("/docs/zh#part")]) == 0
    assert "allow_private" in capsys.readouterr().err
    assert run(["add", "--site", web.url("/docs/")]) == 0
    assert run(["add", "--sitemap", web.url("/sitemap.xml")]) == 0
    text = (tmp_path / "surefoot.toml").read_text("utf-8")
    assert f'kind = "url", urls = ["{web.url("/docs/zh")}"]' in text
    assert f'kind = "site", start = ["{web.url("/docs/")}"]' in text
    assert f'kind = "sitemap", url = "{web.url("/sitemap.xml")}"' in text
    assert run(["add", "--site", "docs"]) == 2
    assert run(["add", "--site", "--sitemap", web.url()]) == 2
    capsys.readouterr()
    assert run(["add", "http://ann:hunter2@h.example/"]) == 5
    assert "hunter2" not in "".join(capsys.readouterr())
    assert (tmp_path / "surefoot.toml").read_text("utf-8") == text


def test_urls_added_one_after_another_share_a_name(web, tmp_path):
    root = tmp_path / "w"
    with workspace(root) as space:
        for path in ("/docs/", "/docs/old"):
            source = {"kind": "url", "urls": [web.url(path)], "allow_private": True, "delay_s": 0}
            assert space.add(source).added == 1
        assert space.sync().unchanged == 2
        assert {state.source for state in space.status()} == {"web"}


def test_offline_leaves_the_web_alone(web, tmp_path):
    source = '{ kind = "url", urls = ["https://docs.example.org/"] }'
    workspace(tmp_path, source).close()
    with open_workspace(tmp_path, settings={"offline": True}) as space:
        (problem,) = space.sync().problems
        assert "network is off" in problem.reason


def test_a_killed_sync_goes_on_where_it_stopped(web, tmp_path):
    names = [f"p{n}" for n in range(12)]
    web.pages["/docs/"] = html("Start\nWelcome.", *names, ETag='"1"')
    for number, name in enumerate(names):
        text = f"Page {name}\nValve {name} opens at {number} bar."
        web.pages[f"/docs/{name}"] = html(text, ETag=f'"{name}"')
    workspace(tmp_path, site(web).replace("delay_s = 0", "delay_s = 0.1")).close()
    child = subprocess.Popen(
        [sys.executable, "-c", "from surefoot.cli.main import main; main()", "sync"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while len(web.asked) < 7 and time.monotonic() < deadline:
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    before = {path for path, _ in web.asked[:-1] if path.startswith("/docs/")}
    assert 2 <= len(before) < 12
    web.asked.clear()
    with surefoot.open(tmp_path) as space:
        assert space.sync().added == 13
        assert "7 bar" in space.ask("When does valve p7 open?").text
    sent_whole = {path for path, seen in web.asked if "if-none-match" not in seen}
    assert sent_whole.isdisjoint(before)
    assert list((tmp_path / ".surefoot/web").rglob("*.part")) == []
