"""Names, documents, questions and answers that carry markup stand as text on every screen."""

from __future__ import annotations

import json

import httpx
import pytest
from serving import SOLUTION, running

import surefoot
from surefoot.run.adapters import adapters_root
from surefoot.tune.artefact import Trained, write_card

SCRIPT = "<script>window.owned = 1</script>"
IMAGE = "<img src=x onerror='window.owned = 2'>"
VECTOR = "<svg onload='window.owned = 3'><a href='javascript:window.owned=4'>x</a></svg>"
TEMPLATE = "{{ 7 * 7 }}{% raw %}"
FILES = {
    f"{IMAGE.replace('/', '')}.md": f"# Pumps {SCRIPT}\n\nThe pump of hall nine {IMAGE} runs at 40 bar {VECTOR}.\n",
    "links.md": "# Valves\n\nA valve opens [so](javascript:window.owned=5) ![x](http://evil.example/x.png).\n",
    "page.html": f"<h1>Tanks</h1><p>It holds 900 litres.</p>{VECTOR}{SCRIPT}<iframe src='//evil.example'></iframe>",
    "drawing.svg": f"<svg xmlns='http://www.w3.org/2000/svg'><text>Bolt M8</text>{SCRIPT}</svg>",
    "模板.md": f"# 模板 {TEMPLATE}\n\n七号泵 {IMAGE} 的压力为四十巴 {TEMPLATE}。\n",
}
PLANTED = (
    "script:not([src^='/ui/static/'])",
    "iframe",
    "img[src=x]",
    "svg[onload]",
    "a[href^='javascript:']",
    "img[src*=evil]",
)
ASKED = [f"What does the pump of hall nine run at? {IMAGE}", f"七号泵的压力是多少？{VECTOR}"]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A workspace whose names, texts, questions and sets are hostile."""
    root = tmp_path_factory.mktemp("hostile") / "house"
    for folder in ("docs", "staff", "evalsets"):
        (root / folder).mkdir(parents=True)
    for name, text in FILES.items():
        (root / "docs" / name).write_text(text, encoding="utf-8")
    (root / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    case = {"id": SCRIPT, "question": f"{IMAGE}?", "answers": [VECTOR], "tags": [SCRIPT]}
    (root / "evalsets" / "first.jsonl").write_text(json.dumps(case) + "\n", encoding="utf-8")
    folder = adapters_root(root) / "taught"
    (folder / "peft").mkdir(parents=True)
    (folder / "peft" / "weights").write_bytes(b"0")
    card = Trained(
        name="taught", kind="adapter", method=SCRIPT, base=IMAGE, base_digest="0", rows_used=1
    )
    write_card(folder, card.model_copy(update={"settings": {SCRIPT: VECTOR, "note": TEMPLATE}}))
    with surefoot.open(root) as space:
        space.sync()
    with running(root) as served:
        for question in ASKED:
            httpx.post(f"{served.url}/api/ask", json={"question": question}, timeout=60)
        yield served


def _is_clean(page) -> None:
    """Nothing of the documents has become part of the page, and nothing of theirs has run."""
    assert page.evaluate("window.owned") is None
    inside = ", ".join(f"main {one}" for one in PLANTED)
    found = page.locator(inside).evaluate_all("all => all.map((one) => one.outerHTML)")
    assert found == []
    assert "49" not in page.locator("h1").first.inner_text()


@pytest.mark.parametrize("question", ASKED)
def test_asking_shows_markup_as_text(open_page, hostile, question) -> None:
    page = open_page(f"{hostile.url}/ui/ask")
    page.fill("#question", question)
    page.keyboard.press("Enter")
    page.wait_for_selector("article[data-done]")
    assert "onerror" in page.locator("#thread").inner_text()
    page.locator(".text .chip, .sources .chip").first.click()
    page.wait_for_selector("#source mark")
    _is_clean(page)


@pytest.mark.parametrize(
    "path",
    [
        "home",
        "documents",
        "traces",
        "evaluate",
        "evaluate/sets/first",
        "evaluate/sets/first/review",
        "adapters",
        "adapters/taught",
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_screens_show_markup_as_text(open_page, hostile, path, lang) -> None:
    page = open_page(f"{hostile.url}/ui/{path}", lang=lang)
    page.wait_for_timeout(800)
    _is_clean(page)


def test_each_document_and_its_chunks_show_markup_as_text(open_page, hostile) -> None:
    listed = httpx.get(f"{hostile.url}/api/documents").json()["data"]
    assert len(listed) >= 4
    for one in listed:
        for place in ("/documents/", "/ui/documents/one/"):
            page = open_page(hostile.url)
            page.goto(hostile.url + place + one["id"].replace("%", "%25").replace("?", "%3F"))
            _is_clean(page)


def test_traces_show_markup_as_text(open_page, hostile) -> None:
    for one in httpx.get(f"{hostile.url}/api/traces").json()["data"]:
        _is_clean(open_page(f"{hostile.url}/ui/traces/{one['trace_id']}"))
